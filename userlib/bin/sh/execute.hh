// Runs what the parser made.
#pragma once

#include <string_view>

#include "userlib/base/vector.hh"
#include "userlib/bin/sh/shell.hh"
#include "userlib/bin/sh/syntax.hh"

namespace weft::sh {

// Runs a command and answers with its status, which is $? then, too. `is_last`: this process has
// nothing to do afterwards, so a program may take its place.
int run(Shell& shell, const Command& command, bool is_last = false);

// A shell's function called with these arguments (the first is its name).
int call_function(Shell& shell, const Function& function, const Vector<String>& words);

// In a new child: makes it a shell of its own for the rest of its life. With job control it belongs to
// `group` (0: its own), and `is_front` brings that group to the front.
void become_subshell(Shell& shell, int32_t group, bool is_front);

// Waits for a job that has the terminal, and answers with its status. Whoever stopped stays as a job.
int wait_in_front(Shell& shell, unsigned job_id);

// Ends a child that has become a subshell.
[[noreturn]] void leave_subshell(Shell& shell);

}  // namespace weft::sh
