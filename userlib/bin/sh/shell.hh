// Everything that one shell knows. The parts of the shell are functions over it.
#pragma once

#include <optional>

#include "userlib/bin/sh/jobs.hh"
#include "userlib/bin/sh/syntax.hh"
#include "userlib/bin/sh/traps.hh"
#include "userlib/bin/sh/variables.hh"

namespace weft::sh {

// What `set -e` and its like turn on.
struct Options {
  bool exit_on_error = false;   // -e
  bool trace = false;           // -x
  bool refuse_unset = false;    // -u
  bool no_globbing = false;     // -f
  bool parse_only = false;      // -n
  bool job_control = false;     // -m
  bool is_interactive = false;  // -i
};

// Why commands are being left without running the rest of them.
enum class Leaving {
  no,
  loop,       // break: `loops_to_leave` of them
  iteration,  // continue: of the loop that many out
  function,   // return
  to_prompt,  // an error or Ctrl-C in an interactive shell
  shell,      // exit
};

struct Function {
  String name;
  Ref<Command> body;
};

struct Shell {
  Variables variables;
  Vector<String> arguments;  // $1, $2, ...
  String name = "sh";        // $0
  Vector<Function> functions;
  Jobs jobs;
  Traps traps;
  Options options;

  int status = 0;               // $?
  int32_t pid = 0;              // $$: stays the same in subshells
  int32_t last_background = 0;  // $!

  Leaving leaving = Leaving::no;
  unsigned loops_to_leave = 0;
  unsigned loop_depth = 0;
  unsigned function_depth = 0;
  unsigned tested_depth = 0;  // inside conditions, where `set -e` doesn't apply
  bool is_subshell = false;
  uint64_t signal_mask = 0;  // blocked signals, as the shell found them
  int niceness = 0;          // of what it starts; at a terminal the shell itself is more urgent

  Function* find_function(std::string_view name);
  // Ends what runs: a script ends with that status, an interactive shell goes back to its prompt.
  void give_up(int with_status);
};

// Runs a text as a script, command by command; answers with the last status.
int run_text(Shell& shell, std::string_view text);
// The same with a file; nothing if it cannot be read.
std::optional<int> run_file(Shell& shell, const char* path);

}  // namespace weft::sh
