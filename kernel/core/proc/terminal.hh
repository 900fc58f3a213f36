// Processes and their terminals: the answers to what ipc asks of processes (ipc/process_hooks.hh).
#pragma once

#include "core/proc/process.hh"

namespace weft::proc {

// At boot, before there is a process.
void fill_ipc_hooks();

// The process has ended; if it led a session with a terminal, the terminal is hung up.
void leave_terminal(const Process& process);

}  // namespace weft::proc
