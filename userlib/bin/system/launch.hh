// Starting another program from a tool.
#pragma once

#include <string_view>

#include "core/base/result.hh"
#include "userlib/bin/tools.hh"

namespace weft {

// Becomes the program words[0], looked for along PATH. Returns only if it cannot. Without another
// environment it gets this program's.
Errno become(Arguments words, char* const* environment = nullptr);

// Runs it in a child, and waits. Its wait status, as wait4 reports it; an errno if there is no child.
Result<int> run_and_wait(Arguments words);

// The status that stands for how it ended: its own, or 128 and the signal's number.
int status_for(int wait_status);

// What a program's failure to start is, as a status: 127 not found, 126 otherwise.
int status_for(Errno error);

}  // namespace weft
