// The commands that the shell carries out itself.
#pragma once

#include <span>
#include <string_view>

#include "userlib/bin/sh/shell.hh"

namespace weft::sh {

// words[0] is the command's name.
using Words = std::span<const String>;

struct Builtin {
  std::string_view name;
  int (*run)(Shell& shell, Words words);
  std::string_view help;
  // A special one's assignments stay (as in `X=1 export Y`), and its errors end a script.
  bool is_special = false;
};

const Builtin* find_builtin(std::string_view name);
std::span<const Builtin> all_builtins();

// By the file that they stand in.
int builtin_break(Shell&, Words);  // builtin_flow.cc
int builtin_continue(Shell&, Words);
int builtin_return(Shell&, Words);
int builtin_exit(Shell&, Words);
int builtin_eval(Shell&, Words);
int builtin_source(Shell&, Words);
int builtin_exec(Shell&, Words);
int builtin_command(Shell&, Words);
int builtin_type(Shell&, Words);
int builtin_true(Shell&, Words);
int builtin_false(Shell&, Words);
int builtin_help(Shell&, Words);
int builtin_set(Shell&, Words);  // builtin_variables.cc
int builtin_shift(Shell&, Words);
int builtin_export(Shell&, Words);
int builtin_readonly(Shell&, Words);
int builtin_unset(Shell&, Words);
int builtin_local(Shell&, Words);
int builtin_read(Shell&, Words);
int builtin_getopts(Shell&, Words);
int builtin_jobs(Shell&, Words);  // builtin_jobs.cc
int builtin_fg(Shell&, Words);
int builtin_bg(Shell&, Words);
int builtin_wait(Shell&, Words);
int builtin_kill(Shell&, Words);
int builtin_trap(Shell&, Words);
int builtin_cd(Shell&, Words);  // builtin_process.cc
int builtin_pwd(Shell&, Words);
int builtin_umask(Shell&, Words);
int builtin_times(Shell&, Words);
int builtin_ulimit(Shell&, Words);  // builtin_limits.cc
int builtin_echo(Shell&, Words);    // tools that the shell runs without a child
int builtin_printf(Shell&, Words);
int builtin_test(Shell&, Words);

// Reports what is wrong with a builtin's use; the status is 2.
int misuse(Words words, std::string_view what);

}  // namespace weft::sh
