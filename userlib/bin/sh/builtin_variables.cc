// Builtins about variables, parameters and options.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/builtins.hh"
#include "userlib/bin/sh/scan.hh"

namespace weft::sh {
namespace {

// In quotes that a shell reads back.
String quoted(std::string_view text) {
  String result = "'";
  for (const char c : text)
    result += c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1);
  return result + "'";
}

void print_variables(const Shell& shell, std::string_view before,
                     bool (*is_wanted)(const Variable&)) {
  for (const Variable& variable : shell.variables.all()) {
    if (!is_wanted(variable)) continue;
    print("{}{}", before, variable.name.view());
    if (variable.is_set) print("={}", quoted(variable.value).view());
    print("\n");
  }
}

// NAME or NAME=VALUE: sets the value, if there is one. The name, or nothing after a message.
std::optional<std::string_view> declare(Shell& shell, Words words, const String& text) {
  const std::string_view name = text.substr(0, text.find('='));
  if (!is_name(name)) {
    misuse(words, "that is no name of a variable");
    return std::nullopt;
  }
  if (name.size() < text.size() && !shell.variables.set(name, text.substr(name.size() + 1))) {
    misuse(words, "the variable is read-only");
    shell.give_up(2);
    return std::nullopt;
  }
  return name;
}

struct Switch {
  char letter;
  std::string_view name;
  bool Options::* option;
};
constexpr Switch k_switches[] = {
    {'e', "errexit", &Options::exit_on_error}, {'x', "xtrace", &Options::trace},
    {'u', "nounset", &Options::refuse_unset},  {'f', "noglob", &Options::no_globbing},
    {'n', "noexec", &Options::parse_only},     {'m', "monitor", &Options::job_control},
};

bool turn(Shell& shell, char letter, bool on) {
  for (const Switch& each : k_switches) {
    if (each.letter == letter) {
      shell.options.*each.option = on;
      return true;
    }
  }
  return false;
}

bool turn_named(Shell& shell, std::string_view name, bool on) {
  for (const Switch& each : k_switches) {
    if (each.name == name) return turn(shell, each.letter, on);
  }
  return false;
}

// A line from standard input, byte by byte: what follows it is for others. False at the end.
bool read_line(String& line, bool is_raw) {
  bool was_backslash = false;
  for (;;) {
    char c;
    const auto count = sys::read(0, &c, 1);
    if (!count || *count == 0) return false;
    if (c == '\n' && !was_backslash) return true;
    if (was_backslash && c == '\n') {  // the line goes on
      line.pop_back();
      was_backslash = false;
      continue;
    }
    line += c;
    was_backslash = !is_raw && !was_backslash && c == '\\';
  }
}

// Takes the next field off the line. The last variable gets all that is left.
String take_field(std::string_view& line, std::string_view separators, bool is_last, bool is_raw) {
  const auto is_blank = [&](char c) { return separators.contains(c) && is_space(c); };
  while (!line.empty() && is_blank(line[0])) line.remove_prefix(1);
  String field;
  size_t kept =
      0;  // blanks at the very end are not part of the last field, unless they were quoted
  while (!line.empty()) {
    char c = line[0];
    line.remove_prefix(1);
    const bool is_quoted = c == '\\' && !is_raw && !line.empty();
    if (is_quoted) {
      c = line[0];
      line.remove_prefix(1);
    } else if (!is_last && separators.contains(c)) {
      while (is_space(c) && !line.empty() && is_blank(line[0])) line.remove_prefix(1);
      if (is_space(c) && !line.empty() && separators.contains(line[0])) line.remove_prefix(1);
      break;
    }
    field += c;
    if (is_quoted || !is_blank(c)) kept = field.size();
  }
  if (is_last) field.resize(kept);
  return field;
}

}  // namespace

int builtin_set(Shell& shell, Words words) {
  if (words.size() == 1) {
    print_variables(shell, "", [](const Variable& variable) { return variable.is_set; });
    return 0;
  }
  size_t at = 1;
  for (; at < words.size(); ++at) {
    const String& word = words[at];
    if (word.size() < 2 || (word[0] != '-' && word[0] != '+')) break;
    if (word == "--") {
      ++at;
      shell.arguments.clear();
      break;
    }
    const bool on = word[0] == '-';
    if ((word == "-o" || word == "+o") && at + 1 < words.size()) {
      if (!turn_named(shell, words[++at], on)) return misuse(words, "there is no such option");
      continue;
    }
    for (const char letter : word.substr(1)) {
      if (!turn(shell, letter, on)) return misuse(words, "there is no such option");
    }
  }
  if (at < words.size()) {
    shell.arguments.clear();
    for (; at < words.size(); ++at) shell.arguments.push_back(words[at]);
  }
  return 0;
}

int builtin_shift(Shell& shell, Words words) {
  const auto count = words.size() > 1 ? parse_number(words[1]) : 1;
  if (!count || *count < 0) return misuse(words, "a number is wanted");
  if (static_cast<size_t>(*count) > shell.arguments.size()) {
    misuse(words, "there are not so many");
    shell.give_up(2);
    return 2;
  }
  for (int64_t i = 0; i < *count; ++i) shell.arguments.erase(0);
  return 0;
}

int builtin_export(Shell& shell, Words words) {
  if (words.size() == 1 || words[1] == "-p") {
    print_variables(shell, "export ",
                    [](const Variable& variable) { return variable.is_exported; });
    return 0;
  }
  for (const String& word : words.subspan(1)) {
    const auto name = declare(shell, words, word);
    if (!name) return 2;
    shell.variables.mark(*name).is_exported = true;
  }
  return 0;
}

int builtin_readonly(Shell& shell, Words words) {
  if (words.size() == 1 || words[1] == "-p") {
    print_variables(shell, "readonly ",
                    [](const Variable& variable) { return variable.is_readonly; });
    return 0;
  }
  for (const String& word : words.subspan(1)) {
    const auto name = declare(shell, words, word);
    if (!name) return 2;
    shell.variables.mark(*name).is_readonly = true;
  }
  return 0;
}

int builtin_unset(Shell& shell, Words words) {
  const bool is_function = words.size() > 1 && words[1] == "-f";
  const size_t first = words.size() > 1 && words[1].starts_with("-") ? 2 : 1;
  for (const String& name : words.subspan(first)) {
    if (is_function) {
      for (size_t i = 0; i < shell.functions.size(); ++i) {
        if (shell.functions[i].name == name) shell.functions.erase(i);
      }
    } else if (!shell.variables.unset(name)) {
      misuse(words, "the variable is read-only");
      shell.give_up(2);
      return 2;
    }
  }
  return 0;
}

int builtin_local(Shell& shell, Words words) {
  if (shell.function_depth == 0) return misuse(words, "only in a function");
  for (const String& word : words.subspan(1)) {
    (void)shell.variables.keep(word.substr(0, word.find('=')));
    if (!declare(shell, words, word)) return 2;
  }
  return 0;
}

int builtin_read(Shell& shell, Words words) {
  bool is_raw = false;
  size_t first = 1;
  for (; first < words.size() && words[first].starts_with("-"); ++first) {
    if (words[first] == "-r") {
      is_raw = true;
    } else if (words[first] == "-p" && first + 1 < words.size()) {
      print_error("{}", words[++first].view());
    } else {
      return misuse(words, "there is no such option");
    }
  }
  if (first == words.size()) return misuse(words, "into which variable?");
  String text;
  const bool had_line = read_line(text, is_raw);
  const String separators = shell.variables.get("IFS").value_or(" \t\n");
  std::string_view rest = text;
  for (size_t i = first; i < words.size(); ++i) {
    const String field = take_field(rest, separators, i + 1 == words.size(), is_raw);
    if (!shell.variables.set(words[i], field)) return misuse(words, "the variable is read-only");
  }
  return had_line ? 0 : 1;
}

int builtin_getopts(Shell& shell, Words words) {
  if (words.size() < 3) return misuse(words, "letters and a variable are wanted");
  Vector<String> arguments = shell.arguments;
  if (words.size() > 3) {
    arguments.clear();
    for (const String& word : words.subspan(3)) arguments.push_back(word);
  }
  const std::string_view letters = words[1];
  // OPTIND is the next argument; how far we are inside it stands in a variable of our own.
  auto index =
      static_cast<size_t>(parse_number(shell.variables.get("OPTIND").value_or("1")).value_or(1));
  auto within =
      static_cast<size_t>(parse_number(shell.variables.get("_OPTPLACE").value_or("1")).value_or(1));
  if (within == 0) within = 1;
  const auto finish = [&](std::string_view letter, int status) {
    (void)shell.variables.set(words[2], letter);
    (void)shell.variables.set("OPTIND", Text<24>("{}", index).view());
    (void)shell.variables.set("_OPTPLACE", Text<24>("{}", within).view());
    return status;
  };
  if (index > arguments.size() || !arguments[index - 1].starts_with("-") ||
      arguments[index - 1].size() == 1) {
    return finish("?", 1);
  }
  const String word = arguments[index - 1];
  if (word == "--") {
    ++index;
    return finish("?", 1);
  }
  const char letter = word[within];
  ++within;
  const bool is_word_over = within >= word.size();
  if (is_word_over) {
    ++index;
    within = 1;
  }
  const size_t place = letters.find(letter);
  const bool is_silent = letters.starts_with(':');
  if (letter == ':' || place == std::string_view::npos) {
    if (is_silent) {
      (void)shell.variables.set("OPTARG", {&letter, 1});
    } else {
      (void)shell.variables.unset("OPTARG");
      print_error("{}: there is no option -{}\n", shell.name.view(), letter);
    }
    return finish("?", 0);
  }
  if (place + 1 < letters.size() && letters[place + 1] == ':') {
    if (!is_word_over) {
      (void)shell.variables.set("OPTARG", word.substr(within));
      ++index;
      within = 1;
    } else if (index <= arguments.size()) {
      (void)shell.variables.set("OPTARG", arguments[index - 1]);
      ++index;
    } else if (is_silent) {
      (void)shell.variables.set("OPTARG", {&letter, 1});
      return finish(":", 0);
    } else {
      print_error("{}: option -{} wants a value\n", shell.name.view(), letter);
      (void)shell.variables.unset("OPTARG");
      return finish("?", 0);
    }
  } else {
    (void)shell.variables.unset("OPTARG");
  }
  return finish({&letter, 1}, 0);
}

}  // namespace weft::sh
