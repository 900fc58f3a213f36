// Where a shell's commands come from.
#pragma once

#include <string_view>

#include "userlib/bin/sh/shell.hh"

namespace weft::sh {

// Runs what comes from a descriptor, line by line, until its end. Reads no byte more than it runs, so
// that commands find the rest.
void run_descriptor(Shell& shell, int fd);

// Reads commands from the terminal, with line editing, until exit or Ctrl-D.
void run_terminal(Shell& shell);

}  // namespace weft::sh
