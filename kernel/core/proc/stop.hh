// Stopping a process and letting it go on. All its threads stop, each before it runs on in user mode;
// when the last one has, its parent is told.
#pragma once

#include "core/proc/process.hh"
#include "core/proc/signal.hh"

namespace weft::proc {

inline constexpr SignalSet k_stop_signals =
    set_of(abi::k_sigstop, abi::k_sigtstp, abi::k_sigttin, abi::k_sigttou);

// The running process's threads are to stop: the default action of a stop signal, which was taken just
// before, with `stop_was_taken` set under the same lock. Nothing comes of it if the process is told to
// go on meanwhile, or if the terminal stops an orphaned group.
void begin_stop(UserThread& self, int signal);
// The running thread stops until the process goes on or ends, if it is to.
void stop_here(UserThread& self);
// Lets all threads go on; true if all had stopped.
bool go_on(Process& process) REQUIRES(process.signal_lock);
// A thread has ended or stopped: if no other is left to stop, the process has. True if so.
bool have_all_stopped(const Process& process) REQUIRES(process.signal_lock);

// Tells the parent.
void report_stop(Process& process, int signal) REQUIRES(tree_lock);
void report_continuation(Process& process) REQUIRES(tree_lock);
bool is_stopped(Process& process) REQUIRES(tree_lock);

}  // namespace weft::proc
