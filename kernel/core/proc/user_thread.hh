// UserThread: what a process's thread has beside a kernel thread. The record stands at the top of the
// thread's kernel stack, below the Thread, and above the place of the program's registers.
#pragma once

#include "core/base/list.hh"
#include "core/base/registers.hh"
#include "core/hal.hh"
#include "core/proc/signal.hh"
#include "core/proc/usage.hh"
#include "core/sched/thread.hh"

namespace weft::proc {

class Process;
struct UserThread;

// How the program wants the thread to be scheduled: kept in its words (syscall/scheduling.cc).
struct SchedulingWords {
  uint32_t policy = 0;   // SCHED_OTHER
  int32_t priority = 0;  // of the real-time policies: 1 to 99
  int32_t nice = 0;
  bool resets_on_fork = false;
};

// Of the names that programs give to their threads; longer ones are cut.
inline constexpr size_t k_longest_name = 15;

// What a signal does to a call that waits (syscall/table.toml explains them).
enum class Restart : uint8_t {
  never_waits,
  if_action_says,
  always,
  without_handler,
  by_restart_call,
  never
};

// What the CPU said of the program's last exception; handlers find it in their context.
struct FaultRecord {
  uint64_t vector = 0;
  uint64_t error = 0;
  VirtAddr address = 0;
};

// Who calls: what the handler of a system call is given. The same for all calls of a thread.
struct CallContext {
  Registers& registers;
  UserThread& thread;
  Process& process;
};

struct UserThread : hal::UserState {
  UserThread(Thread& kernel_thread, Process& owner)
      : thread(kernel_thread),
        process(owner),
        call{reinterpret_cast<Registers*>(this)[-1], *this, owner} {}

  Thread& thread;
  Process& process;  // lives at least as long as its threads
  CallContext call;
  int32_t tid = 0;
  VirtAddr clear_child_tid = 0;  // a word to clear, and a futex to wake, at its end; 0: none
  VirtAddr set_child_tid = 0;    // where it stores its id at its start; 0: nowhere
  VirtAddr robust_list = 0;
  SchedulingWords scheduling;  // guarded by tree_lock

  // ---- Signals (signal.hh, signal_delivery.hh) ----------------------------------------------------
  SignalSet blocked = 0;          // its own; it changes it under the signal lock
  SignalSet awaited = 0;          // what sigtimedwait() waits for, blocked or not; the same
  PendingSignals pending;         // guarded by the signal lock
  bool is_stopped = false;        // guarded by the signal lock
  bool restores_blocked = false;  // the mask was changed for one call
  SignalSet blocked_before = 0;   // to what it is restored
  Restart interrupted = Restart::never_waits;  // how the call that a signal ended may go on
  RestartBlock restart;
  abi::SignalStack other_stack{};  // for handlers; of size 0: none
  FaultRecord last_fault;

  SampledTime sampled;    // of its CPU time
  uint64_t faults = 0;    // pages it was given when it touched them
  ListHook process_hook;  // in its process's list of threads
  Registers start_registers;
};

// The thread that runs here; it belongs to a process.
inline UserThread& current_thread() { return static_cast<UserThread&>(*hal::current()->user); }
// The one whose program's registers these are, where the entries from user mode put them.
inline UserThread& thread_below(Registers& registers) {
  return *reinterpret_cast<UserThread*>(&registers + 1);
}

// A thread that has not started. It enters user mode with its `start_registers`.
Result<UserThread*> make_user_thread(Process& process, std::string_view name);
// Takes back a thread that will not start.
void discard_user_thread(UserThread& thread);
// It runs from now on, and frees itself when it has ended.
void start_user_thread(UserThread& thread);

}  // namespace weft::proc
