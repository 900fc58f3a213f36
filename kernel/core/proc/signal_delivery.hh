// What becomes of a pending signal: the thread that takes it ends, stops, goes on, or runs a handler.
// Here too is decided how a system call goes on that a signal interrupted.
#pragma once

#include "core/base/registers.hh"
#include "core/proc/user_thread.hh"

namespace weft::proc {

// The running thread is about to run on in user mode, with these registers: it acts on all signals
// that it has. Does not return if it is to end. May block. Interrupts are on.
void deliver_signals(UserThread& self, Registers& registers);

// The system call that the registers tell of has answered Errno::intr: when its signal is delivered,
// it goes on as `how` says.
inline void note_interrupted(UserThread& self, Restart how) {
  self.interrupted = how;
  self.work.fetch_or(hal::k_work_signals, relaxed);
}

// A fault of the program's own: its signal, and what the CPU says about it.
void force_fault(UserThread& self, int signal, int code, VirtAddr address,
                 const FaultRecord& record);

}  // namespace weft::proc
