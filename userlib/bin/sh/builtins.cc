#include "userlib/bin/sh/builtins.hh"

#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"

namespace weft::sh {
namespace {

constexpr Builtin k_builtins[] = {
    {".", builtin_source, "FILE: run a script in this shell", true},
    {":", builtin_true, "do nothing", true},
    {"[", builtin_test, "EXPRESSION ]: test, see there"},
    {"bg", builtin_bg, "[JOB]: let a stopped job go on in the background"},
    {"break", builtin_break, "[N]: leave the loop, or N loops", true},
    {"cd", builtin_cd, "[FOLDER]: go there; without one, home; with -, back"},
    {"command", builtin_command,
     "[-v] NAME...: run it though a function has that name; -v: what is it?"},
    {"continue", builtin_continue, "[N]: on to the loop's next round", true},
    {"echo", builtin_echo, "[-n] [-e] TEXT...: print it"},
    {"eval", builtin_eval, "TEXT...: run it as a command", true},
    {"exec", builtin_exec, "[COMMAND...]: become that program; without one, keep the redirections",
     true},
    {"exit", builtin_exit, "[STATUS]: end this shell", true},
    {"export", builtin_export, "[NAME[=VALUE]...]: let programs see a variable", true},
    {"false", builtin_false, "fail"},
    {"fg", builtin_fg, "[JOB]: bring a job to the front"},
    {"getopts", builtin_getopts, "LETTERS NAME: take the next option from $1, $2, ..."},
    {"help", builtin_help, "list the commands of this shell"},
    {"jobs", builtin_jobs, "[-l] [-p]: list the jobs"},
    {"kill", builtin_kill, "[-SIGNAL] PID or %JOB...: send a signal; -l: list them"},
    {"local", builtin_local, "NAME[=VALUE]...: a variable for this function only"},
    {"printf", builtin_printf, "FORMAT VALUE...: print by a pattern"},
    {"pwd", builtin_pwd, "where am I?"},
    {"read", builtin_read, "[-r] [-p PROMPT] NAME...: read a line into variables"},
    {"readonly", builtin_readonly, "NAME[=VALUE]...: a variable that cannot change", true},
    {"return", builtin_return, "[STATUS]: leave the function", true},
    {"set", builtin_set, "[-efnux] [WORD...]: options, or $1, $2, ...", true},
    {"shift", builtin_shift, "[N]: $2 becomes $1, and so on", true},
    {"source", builtin_source, "FILE: run a script in this shell", true},
    {"test", builtin_test, "EXPRESSION: compare texts and numbers, look at files"},
    {"times", builtin_times, "the CPU time used so far", true},
    {"trap", builtin_trap, "[ACTION SIGNAL...]: what to do when a signal comes", true},
    {"true", builtin_true, "succeed"},
    {"type", builtin_type, "NAME...: what is it?"},
    {"ulimit", builtin_ulimit, "[-HS] [-a or -LETTER] [VALUE]: what programs may use"},
    {"umask", builtin_umask, "[MODE]: rights that new files do not get"},
    {"unset", builtin_unset, "[-f] NAME...: forget a variable or a function", true},
    {"wait", builtin_wait, "[PID or %JOB...]: wait for background jobs"},
};

// Lends a tool to the shell.
int run_tool(int (*tool)(Arguments), Words words) {
  Vector<const char*> arguments;
  for (const String& word : words) arguments.push_back(word.c_str());
  return tool({arguments.data(), arguments.size()});
}

}  // namespace

std::span<const Builtin> all_builtins() { return k_builtins; }

const Builtin* find_builtin(std::string_view name) {
  for (const Builtin& builtin : k_builtins) {
    if (builtin.name == name) return &builtin;
  }
  return nullptr;
}

int misuse(Words words, std::string_view what) {
  out.flush();
  print_error("sh: {}: {}\n", words[0].view(), what);
  return 2;
}

int builtin_echo(Shell&, Words words) { return run_tool(echo_main, words); }
int builtin_printf(Shell&, Words words) { return run_tool(printf_main, words); }
int builtin_test(Shell&, Words words) { return run_tool(test_main, words); }

}  // namespace weft::sh
