// Simple commands: assignments, a function, a builtin, or a program.
#pragma once

#include "userlib/bin/sh/shell.hh"
#include "userlib/bin/sh/syntax.hh"

namespace weft::sh {

int run_simple(Shell& shell, const Command& command, bool is_last);

}  // namespace weft::sh
