// Signals: what is pending, who is blocked, how one is sent. Delivery (signal_delivery.hh) is the
// other half; what a process does about each signal is in signal_actions.hh.
//
// A signal is sent to a process or to one thread. It waits in that one's PendingSignals until a thread
// that does not block it is on its way to user mode. The process's signal_lock guards all that is
// pending, the masks of its threads and whether they are stopped; so a sender and a receiver never
// miss each other: the sender adds the signal and then looks for a thread to wake, the receiver
// changes its mask or sleeps after it has looked at what is pending.
#pragma once

#include <cstdint>
#include <utility>

#include "abi/constants.hh"
#include "core/abi/signal.hh"
#include "core/base/list.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::proc {

class Process;
struct UserThread;

// ---- Sets of signals ------------------------------------------------------------------------------

using SignalSet = uint64_t;  // signal n is bit n - 1

inline constexpr int k_last_signal = 64;
inline constexpr int k_first_real_time = 32;  // from here on signals queue up

constexpr bool is_signal(int signal) { return signal >= 1 && signal <= k_last_signal; }
constexpr SignalSet bit_of(int signal) { return SignalSet{1} << (signal - 1); }
template <typename... Signals>
constexpr SignalSet set_of(Signals... signals) {
  return (SignalSet{0} | ... | bit_of(signals));
}
constexpr bool contains(SignalSet set, int signal) { return (set & bit_of(signal)) != 0; }

// What nobody can block, catch or ignore.
inline constexpr SignalSet k_unblockable = set_of(abi::k_sigkill, abi::k_sigstop);
// What an instruction causes; these go first.
inline constexpr SignalSet k_synchronous = set_of(abi::k_sigsegv, abi::k_sigbus, abi::k_sigill,
                                                  abi::k_sigtrap, abi::k_sigfpe, abi::k_sigsys);

// ---- What comes with a signal ---------------------------------------------------------------------

// The part of abi::SignalInfo that carries something; in user memory zeros follow it.
// Left as it is if it isn't given a value: delivering a signal is short, and clearing what is
// overwritten anyway would be felt.
struct SignalInfo {
  int32_t signal;
  int32_t error;
  int32_t code;
  int32_t padding;
  union {
    uint64_t words[4];
    struct {
      int32_t pid;
      uint32_t user;
      abi::SignalValue value;
    } sender;
    struct {
      int32_t pid;
      uint32_t user;
      int32_t status;
      int64_t user_time;
      int64_t system_time;
    } child;
    struct {
      VirtAddr address;
    } fault;
    struct {
      int32_t timer;
      int32_t overrun;
      abi::SignalValue value;
    } timer;
  };
};
static_assert(sizeof(SignalInfo) == 48);

// From the running process, as kill() and tkill() say it.
SignalInfo info_from_user(int signal, int code);
// From the kernel itself: the terminal, a broken pipe, a limit, a parent's end (SI_KERNEL).
SignalInfo info_from_kernel(int signal);

// ---- Pending signals ------------------------------------------------------------------------------

// One occurrence of a signal, with what comes with it. Those that the kernel makes for the occasion
// are freed when they are delivered or dropped. A sender with one of its own (a timer) is told instead,
// by `on_taken`, under the signal lock; it may change `info`, which is what the receiver sees.
struct QueuedSignal {
  using Taken = void (*)(QueuedSignal& signal, SignalInfo& info);

  ListHook hook;
  SignalInfo info;
  Taken on_taken = nullptr;
};

// What has been sent and not yet been delivered. Guarded by the signal lock of its process.
class PendingSignals {
 public:
  ~PendingSignals() { clear(); }

  SignalSet set() const { return set_; }
  bool contains(int signal) const { return proc::contains(set_, signal); }
  // One of the signals that don't queue up, in the place there is for one; false if that is taken. It
  // makes the usual case, one signal at a time, cheap.
  bool add_in_place(const SignalInfo& info) {
    if (in_place_bit_ != 0) return false;
    in_place_ = info;
    in_place_bit_ = bit_of(info.signal);
    set_ |= in_place_bit_;
    return true;
  }
  // The queued record, or without one (no memory, or over the limit) just the fact.
  void add(QueuedSignal& signal);
  void add_bare(int signal) { set_ |= bit_of(signal); }
  // Takes the one that goes first among `wanted`: one that an instruction caused, else the lowest
  // number, and of the same number the oldest. False if there is none.
  bool take(SignalSet wanted, SignalInfo& info) {
    const SignalSet there = set_ & wanted;
    if (there == 0) return false;
    if (there == in_place_bit_) {
      take_from_place(info);
    } else {
      take_first(there, info);
    }
    return true;
  }
  // Forgets them.
  void drop(SignalSet signals) {
    if ((set_ & signals) != 0) drop_queued(signals);
  }
  void clear() { drop(~SignalSet{0}); }
  // Takes out a sender's own record, if it is here.
  bool withdraw(QueuedSignal& signal);

 private:
  void take_from_place(SignalInfo& info) {
    info = in_place_;
    set_ &= ~std::exchange(in_place_bit_, 0);
  }
  [[gnu::noinline]] void take_first(SignalSet there, SignalInfo& info);
  [[gnu::noinline]] void drop_queued(SignalSet signals);
  bool has_queued(int signal) const;

  SignalSet set_ = 0;
  List<QueuedSignal, &QueuedSignal::hook> queue_;
  SignalInfo in_place_;         // older than any of the same number in the queue
  SignalSet in_place_bit_ = 0;  // of that one; 0: there is none
};

// ---- Sending --------------------------------------------------------------------------------------
// Any context but under a lock that ranks behind Rank::process_tree (so: not from a wait queue's, a
// timer's or a poll source's lock). The process lives: it is the running one, the caller has a Ref, or
// holds tree_lock. A signal that its receiver ignores is dropped at once. Errno::again if a queued
// signal is over RLIMIT_SIGPENDING and must not be lost (only for info.code < 0).

Result<> send_to_process(Process& process, const SignalInfo& info);
Result<> send_to_thread(UserThread& thread, const SignalInfo& info);
// By number. Signal 0 only asks whether somebody is there. Errno::srch if nobody is.
Result<> send_to_group(int32_t group, const SignalInfo& info);
Result<> send_to_pid(int32_t pid, const SignalInfo& info);
// A thread of the process, or with pid 0 of any.
Result<> send_to_tid(int32_t pid, int32_t tid, const SignalInfo& info);
// To all processes but the first and the running one.
Result<> send_to_all(const SignalInfo& info);
// Sends a record of the sender's own, to the process, or to its thread with that number. It may still
// be pending from the last time; or nobody will take it (ignored, or the thread has ended).
enum class Prepared { pending, still_pending, dropped };
Prepared send_prepared(Process& process, int32_t tid, QueuedSignal& signal);
// Takes it back: from then on nobody knows of it.
void withdraw(Process& process, QueuedSignal& signal);

// A fault of the running thread's own: it can't be blocked or ignored. The thread finds it on its way
// to user mode.
void force_on_current(const SignalInfo& info);

// As rt_sigaction(): what is pending and would be dropped now is dropped.
void set_action(Process& process, int signal, const abi::SignalAction& action);

// ---- Waiting --------------------------------------------------------------------------------------

// The running thread has a signal to deliver, or has to end or stop: calls that wait answer Errno::intr.
bool has_signal(UserThread& self);
// Takes one of these signals instead of delivering it; waits for it until then. Errno::again if none
// has come, Errno::intr if another one has.
Result<SignalInfo> wait_for_signal(UserThread& self, SignalSet wanted, Instant deadline);
// The running thread's mask, from now on. What may be unblocked is delivered before user mode.
void set_blocked(UserThread& self, SignalSet blocked);
// The same until the call is over, as ppoll() and sigsuspend() do: if a handler is called, that is with
// this mask, and the old one is restored when it returns; otherwise the old one is restored at once.
void set_blocked_for_call(UserThread& self, SignalSet blocked);

// How restart_syscall() goes on with a call whose time limit must not start anew (Restart::block in the
// table). A call that is interrupted fills it in before it answers Errno::intr; one that does not goes
// on from its beginning if the action says so (SA_RESTART), as a futex wait without a limit does.
struct RestartBlock {
  using Continue = Result<uint64_t> (*)(UserThread& self, RestartBlock& block);

  Continue go_on = nullptr;
  bool always_anew = false;  // it begins anew whatever the action says, as a futex lock does
  Instant deadline = 0;
  uint64_t words[5] = {};
};

}  // namespace weft::proc
