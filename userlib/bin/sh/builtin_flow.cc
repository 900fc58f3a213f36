// Builtins that say what runs next.
#include <algorithm>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/builtins.hh"
#include "userlib/bin/sh/execute.hh"
#include "userlib/bin/sh/launch.hh"
#include "userlib/sys/exit.hh"

namespace weft::sh {
namespace {

// The number that is a builtin's only argument, or what holds without one.
std::optional<int> number_or(Words words, int otherwise) {
  if (words.size() < 2) return otherwise;
  const auto number = parse_number(words[1]);
  if (!number) {
    misuse(words, "a number is wanted");
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

int leave_loops(Shell& shell, Words words, Leaving how) {
  const auto count = number_or(words, 1);
  if (!count || *count < 1) return 2;
  if (shell.loop_depth == 0) return 0;
  shell.leaving = how;
  shell.loops_to_leave = std::min(static_cast<unsigned>(*count), shell.loop_depth);
  shell.status = 0;
  return 0;
}

int run_words(Shell& shell, const Vector<String>& words) {
  const Builtin* builtin = find_builtin(words[0]);
  if (builtin != nullptr) return builtin->run(shell, {words.data(), words.size()});
  // As a command of its own: quoted, so that nothing is expanded again.
  auto command = make_command(Command::Kind::simple);
  for (const String& word : words) {
    String quoted = "'";
    for (const char c : word)
      quoted += c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1);
    command->words.push_back(quoted + "'");
  }
  Vector<Function> functions;
  functions.swap(shell.functions);
  const int status = run(shell, *command);
  functions.swap(shell.functions);
  return status;
}

// Says what a name means; false if it means nothing. Short: only the path or the name, as command -v.
bool describe_name(Shell& shell, const String& name, bool is_short) {
  const auto say = [&](std::string_view what) {
    if (is_short) {
      print("{}\n", name.view());
    } else {
      print("{} is {}\n", name.view(), what);
    }
    return true;
  };
  constexpr std::string_view k_reserved[] = {"if",   "then", "else", "elif",  "fi",    "do",
                                             "done", "case", "esac", "while", "until", "for",
                                             "{",    "}",    "!",    "in"};
  if (std::ranges::find(k_reserved, name.view()) != std::end(k_reserved))
    return say("a shell keyword");
  if (shell.find_function(name) != nullptr) return say("a shell function");
  if (const Builtin* builtin = find_builtin(name)) {
    return say(builtin->is_special ? "a special shell builtin" : "a shell builtin");
  }
  const auto path = find_program(shell, name);
  if (!path) return false;
  if (is_short) {
    print("{}\n", path->view());
  } else {
    say(*path);
  }
  return true;
}

}  // namespace

int builtin_true(Shell&, Words) { return 0; }
int builtin_false(Shell&, Words) { return 1; }
int builtin_break(Shell& shell, Words words) { return leave_loops(shell, words, Leaving::loop); }
int builtin_continue(Shell& shell, Words words) {
  return leave_loops(shell, words, Leaving::iteration);
}

int builtin_return(Shell& shell, Words words) {
  const auto status = number_or(words, shell.status);
  shell.status = status.value_or(2) & 0xff;
  shell.leaving = Leaving::function;
  return shell.status;
}

int builtin_exit(Shell& shell, Words words) {
  const auto status = number_or(words, shell.status);
  shell.status = status.value_or(2) & 0xff;
  shell.leaving = Leaving::shell;
  return shell.status;
}

int builtin_eval(Shell& shell, Words words) {
  String text;
  for (size_t i = 1; i < words.size(); ++i) {
    if (i > 1) text += ' ';
    text += words[i];
  }
  return run_text(shell, text);
}

int builtin_source(Shell& shell, Words words) {
  if (words.size() < 2) return misuse(words, "which file?");
  const auto path =
      words[1].view().contains('/') ? words[1] : find_program(shell, words[1]).value_or(words[1]);
  const auto status = run_file(shell, path.c_str());
  if (!status) {
    print_error("{}: {}: cannot be read\n", shell.name.view(), words[1].view());
    shell.give_up(2);
    return 2;
  }
  if (shell.leaving == Leaving::function) {  // a script that is sourced may `return`
    shell.leaving = Leaving::no;
    return shell.status;
  }
  return *status;
}

int builtin_exec(Shell& shell, Words words) {
  if (words.size() == 1) return 0;
  Vector<String> command;
  for (size_t i = 1; i < words.size(); ++i) command.push_back(words[i]);
  out.flush();
  shell.status = execute(shell, command);
  if (!shell.options.is_interactive) weft::exit(shell.status);
  return shell.status;
}

int builtin_command(Shell& shell, Words words) {
  if (words.size() > 1 && (words[1] == "-v" || words[1] == "-V")) {
    bool found = true;
    for (size_t i = 2; i < words.size(); ++i) {
      const bool is_known = describe_name(shell, words[i], words[1] == "-v");
      if (!is_known && words[1] == "-V") print_error("{}: not found\n", words[i].view());
      found = found && is_known;
    }
    return found ? 0 : 127;
  }
  if (words.size() == 1) return 0;
  Vector<String> inner;
  for (size_t i = 1; i < words.size(); ++i) inner.push_back(words[i]);
  return run_words(shell, inner);
}

int builtin_type(Shell& shell, Words words) {
  int status = 0;
  for (size_t i = 1; i < words.size(); ++i) {
    if (describe_name(shell, words[i], false)) continue;
    print("{}: not found\n", words[i].view());
    status = 127;
  }
  return status;
}

int builtin_help(Shell&, Words) {
  print("Commands of the shell itself; for the other programs: /bin/help\n");
  for (const Builtin& builtin : all_builtins()) print("  {:<10} {}\n", builtin.name, builtin.help);
  return 0;
}

}  // namespace weft::sh
