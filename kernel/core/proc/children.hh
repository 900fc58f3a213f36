// What parents learn of their children: wait4() and waitid(), and the signal that says there is
// something to learn.
#pragma once

#include "core/proc/process.hh"

namespace weft::proc {

// What wait4() tells of a process that exited, was ended by a signal, stopped or went on.
constexpr int status_of_exit(int code) { return (code & 0xff) << 8; }
constexpr int status_of_signal(int signal) { return signal; }
constexpr int status_of_stop(int signal) { return signal << 8 | 0x7f; }
inline constexpr int k_status_of_continuation = 0xffff;

struct WaitRequest {
  enum class Which { any, pid, group };

  Which which = Which::any;
  int32_t id = 0;  // group 0: the caller's own
  bool ends = true;
  bool stops = false;
  bool continuations = false;
  bool may_block = true;
  bool leaves_it = false;       // so that the next wait finds it again
  bool sees_all_kinds = false;  // not only those whose end sends SIGCHLD
};

struct ChildNews {
  int32_t pid = 0;  // 0: nothing new
  int code = 0;     // abi::k_cld_...
  int status = 0;   // as wait4() tells it
  Usage usage{};    // of a child that has ended, with that of its children

  // As waitid() and SIGCHLD tell it: an exit code or a signal.
  int plain_status() const;
};

// Errno::child if there is no such child, Errno::intr.
Result<ChildNews> wait_for_child(Process& self, const WaitRequest& request);

// The process has stopped or goes on: its parent can wait for that, and gets SIGCHLD unless it doesn't
// want to.
void report_child(Process& process, int code, int status) REQUIRES(tree_lock);
// There is nothing to wait for any more but the end.
void forget_report(Process& process) REQUIRES(tree_lock);
// The process has ended and is on its parent's list of such children: the parent hears of it. If it
// doesn't care, the process leaves the tree at once, and the record may be gone.
void report_end(Process& process) REQUIRES(tree_lock);

}  // namespace weft::proc
