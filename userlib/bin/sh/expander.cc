#include "userlib/bin/sh/expander.hh"

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/arithmetic.hh"
#include "userlib/bin/sh/expand.hh"
#include "userlib/bin/sh/pattern.hh"
#include "userlib/bin/sh/scan.hh"

namespace weft::sh {
namespace {

constexpr bool is_special_parameter(char c) { return std::string_view("@*#?-$!").contains(c); }

// How many characters of a ${...}'s content are the parameter's name.
size_t parameter_length(std::string_view content) {
  if (content.empty()) return 0;
  if (is_special_parameter(content[0])) return 1;
  size_t length = 0;
  while (length < content.size() && is_digit(content[length])) ++length;
  return length > 0 ? length : name_length(content, 0);
}

// Inside `...` a backslash takes the meaning from $, ` and itself.
String without_inner_backslashes(std::string_view text) {
  String plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && std::string_view("$`\\").contains(text[i + 1]))
      ++i;
    plain += text[i];
  }
  return plain;
}

// What is left of a value when the shortest or longest fitting piece at one end is taken away.
std::string_view trim(std::string_view value, std::string_view pattern, bool at_front,
                      bool longest) {
  const size_t size = value.size();
  for (size_t step = 0; step <= size; ++step) {
    const size_t length = longest ? size - step : step;
    const std::string_view piece = at_front ? value.substr(0, length) : value.substr(size - length);
    if (matches(pattern, piece)) {
      return at_front ? value.substr(length) : value.substr(0, size - length);
    }
  }
  return value;
}

}  // namespace

void MarkedText::add(std::string_view characters, Mark mark) {
  text += characters;
  marks.resize(marks.size() + characters.size(), static_cast<char>(mark));
}

void Expander::fail(std::string_view name, std::string_view message) {
  if (!failed_) {
    out.flush();
    print_error("{}: {}: {}\n", shell_.name.view(), name, message);
  }
  failed_ = true;
  shell_.give_up(2);
}

void Expander::expand(std::string_view word) {
  for (size_t at = 0; at < word.size() && !failed_;) {
    switch (word[at]) {
      case '\'': {
        const size_t end = end_of_single_quotes(word, at);
        marked_.add_presence();
        marked_.add(word.substr(at + 1, end - at - 2), Mark::quoted);
        at = end;
        break;
      }
      case '"': {
        const size_t end = end_of_double_quotes(word, at);
        const std::string_view inner = word.substr(at + 1, end - at - 2);
        const bool is_nothing = (inner == "$@" || inner == "${@}") && shell_.arguments.empty();
        if (!is_nothing) marked_.add_presence();
        expand_quoted(inner, false);
        at = end;
        break;
      }
      case '\\':
        if (at + 1 < word.size() && word[at + 1] != '\n')
          marked_.add(word.substr(at + 1, 1), Mark::quoted);
        at += 2;
        break;
      case '`': {
        const size_t end = end_of_backquotes(word, at);
        add_output(without_inner_backslashes(word.substr(at + 1, end - at - 2)), false);
        at = end;
        break;
      }
      case '$': at = expand_dollar(word, at, false); break;
      case '~': at = add_home(word, at); break;
      default:
        marked_.add(word.substr(at, 1), Mark::literal);
        ++at;
        break;
    }
  }
}

void Expander::expand_quoted(std::string_view text, bool is_document) {
  for (size_t at = 0; at < text.size() && !failed_;) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size()) {
      const char next = text[at + 1];
      if (next == '\n') {
      } else if (std::string_view("$`\\").contains(next) || (next == '"' && !is_document)) {
        marked_.add({&next, 1}, Mark::quoted);
      } else {
        marked_.add(text.substr(at, 2), Mark::quoted);
      }
      at += 2;
    } else if (c == '$') {
      at = expand_dollar(text, at, true);
    } else if (c == '`') {
      const size_t end = end_of_backquotes(text, at);
      add_output(without_inner_backslashes(text.substr(at + 1, end - at - 2)), true);
      at = end;
    } else if (c == '"' && !is_document) {
      ++at;  // quotes inside "${name:-"..."}"
    } else {
      marked_.add(text.substr(at, 1), Mark::quoted);
      ++at;
    }
  }
}

// ~ at the front of a word, or behind the = or a : of an assignment.
size_t Expander::add_home(std::string_view word, size_t at) {
  const bool is_first = at == 0 || ((word[at - 1] == '=' || word[at - 1] == ':') &&
                                    name_length(word, 0) > 0 && word.find('=') < at);
  const bool is_whole = at + 1 >= word.size() || word[at + 1] == '/' || word[at + 1] == ':';
  const auto home = shell_.variables.get("HOME");
  if (is_first && is_whole && home) {
    marked_.add(*home, Mark::quoted);
  } else {
    marked_.add("~", Mark::literal);
  }
  return at + 1;
}

size_t Expander::expand_dollar(std::string_view text, size_t at, bool is_quoted) {
  const size_t end = end_of_dollar(text, at);
  if (end == k_unfinished) {
    fail(text.substr(at), "bad substitution");
    return text.size();
  }
  const std::string_view whole = text.substr(at, end - at);
  if (whole.size() == 1) {
    marked_.add("$", is_quoted ? Mark::quoted : Mark::literal);
  } else if (whole[1] == '{') {
    expand_parameter(whole.substr(2, whole.size() - 3), is_quoted);
  } else if (is_arithmetic(text, at)) {
    add_arithmetic(whole.substr(3, whole.size() - 5), is_quoted);
  } else if (whole[1] == '(') {
    add_output(whole.substr(2, whole.size() - 3), is_quoted);
  } else {
    add_parameter(whole.substr(1), is_quoted);
  }
  return end;
}

// What stands between ${ and }.
void Expander::expand_parameter(std::string_view content, bool is_quoted) {
  if (content.size() > 1 && content[0] == '#') {
    const std::string_view name = content.substr(1);
    if (parameter_length(name) == name.size()) {
      const bool counts = name == "@" || name == "*";
      const size_t length = counts ? shell_.arguments.size() : value_of(name).value_or("").size();
      add_value(Text<24>("{}", length).view(), is_quoted);
      return;
    }
  }
  const size_t length = parameter_length(content);
  if (length == 0) {
    fail(content, "bad substitution");
  } else if (length == content.size()) {
    add_parameter(content, is_quoted);
  } else {
    expand_operation(content.substr(0, length), content.substr(length), is_quoted);
  }
}

// ${name:-word} and its family: `operation` begins behind the name.
void Expander::expand_operation(std::string_view name, std::string_view operation, bool is_quoted) {
  const std::string_view whole = operation;
  const bool minds_empty = operation.starts_with(':');
  if (minds_empty) operation.remove_prefix(1);
  const char kind = operation.empty() ? '\0' : operation[0];
  std::string_view word = operation.substr(operation.empty() ? 0 : 1);
  if (kind == '#' || kind == '%') {
    const bool longest = word.starts_with(kind);
    if (longest) word.remove_prefix(1);
    const auto pattern = expand_pattern(shell_, word);
    if (!pattern) failed_ = true;
    if (failed_) return;
    const String value = value_of(name).value_or("");
    add_value(trim(value, *pattern, kind == '#', longest), is_quoted);
    return;
  }
  const bool is_list = name == "@" || name == "*";
  std::optional<String> value;
  if (!is_list) value = value_of(name);
  if (is_list && !shell_.arguments.empty()) value = shell_.arguments[0];
  const bool counts_as_set = value && !(minds_empty && value->empty());
  const auto add_word = [&] { is_quoted ? expand_quoted(word, false) : expand_default(word); };
  switch (kind) {
    case '-':
      if (!counts_as_set) return add_word();
      break;
    case '+':
      if (counts_as_set) add_word();
      return;
    case '=':
      if (!counts_as_set) {
        const auto given = expand_word(shell_, word);
        if (!given || !shell_.variables.set(name, *given)) return fail(name, "cannot be set");
        return add_value(*given, is_quoted);
      }
      break;
    case '?':
      if (!counts_as_set) {
        const auto message = expand_word(shell_, word);
        return fail(name, !message || message->empty() ? "parameter not set" : message->view());
      }
      break;
    default: return fail(Text<200>("{}{}", name, whole).view(), "bad substitution");
  }
  add_parameter(name, is_quoted);
}

// The word of an unquoted ${name:-word}: its own blanks split it, as if they had come out of a variable.
void Expander::expand_default(std::string_view word) {
  const size_t start = marked_.marks.size();
  expand(word);
  for (size_t i = start; i < marked_.marks.size(); ++i) {
    if (marked_.mark_at(i) == Mark::literal) marked_.marks[i] = static_cast<char>(Mark::expanded);
  }
}

void Expander::add_value(std::string_view value, bool is_quoted) {
  marked_.add(value, is_quoted ? Mark::quoted : Mark::expanded);
}

void Expander::add_parameter(std::string_view name, bool is_quoted) {
  if (name == "@") return add_arguments(is_quoted, false);
  if (name == "*") return add_arguments(is_quoted, is_quoted);
  const auto value = value_of(name);
  if (value) {
    add_value(*value, is_quoted);
  } else if (shell_.options.refuse_unset && !is_special_parameter(name[0])) {
    fail(name, "parameter not set");
  }
}

// $@ and $*: a field for each, or all in one, with the first character of IFS between them.
void Expander::add_arguments(bool is_quoted, bool is_joined) {
  const std::string_view separators = shell_.variables.get("IFS").value_or(" ");
  for (size_t i = 0; i < shell_.arguments.size(); ++i) {
    if (i > 0 && is_joined) add_value(separators.substr(0, 1), is_quoted);
    if (i > 0 && !is_joined) {
      marked_.add_boundary();
      if (is_quoted) marked_.add_presence();
    }
    add_value(shell_.arguments[i], is_quoted);
  }
}

void Expander::add_output(std::string_view commands, bool is_quoted) {
  add_value(output_of(shell_, commands), is_quoted);
}

void Expander::add_arithmetic(std::string_view text, bool is_quoted) {
  const auto expression = expand_document(shell_, text);
  if (!expression) {
    failed_ = true;
    return;
  }
  const auto value = evaluate(shell_.variables, *expression);
  if (!value) {
    failed_ = true;
    shell_.give_up(2);
    return;
  }
  add_value(Text<24>("{}", *value).view(), is_quoted);
}

std::optional<String> Expander::value_of(std::string_view name) {
  const auto number = [](int64_t value) { return format_string("{}", value); };
  if (name == "?") return number(shell_.status);
  if (name == "$") return number(shell_.pid);
  if (name == "#") return number(static_cast<int64_t>(shell_.arguments.size()));
  if (name == "!") return shell_.last_background == 0 ? String() : number(shell_.last_background);
  if (name == "-") {
    String letters;
    if (shell_.options.exit_on_error) letters += 'e';
    if (shell_.options.no_globbing) letters += 'f';
    if (shell_.options.is_interactive) letters += 'i';
    if (shell_.options.job_control) letters += 'm';
    if (shell_.options.refuse_unset) letters += 'u';
    if (shell_.options.trace) letters += 'x';
    return letters;
  }
  if (is_digit(name[0])) {
    const auto index = static_cast<size_t>(parse_number(name).value_or(INT64_MAX));
    if (index == 0) return shell_.name;
    if (index > shell_.arguments.size()) return std::nullopt;
    return shell_.arguments[index - 1];
  }
  const auto value = shell_.variables.get(name);
  return value ? std::optional<String>(*value) : std::nullopt;
}

}  // namespace weft::sh
