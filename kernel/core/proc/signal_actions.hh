// SignalActions: what a process does about each signal: its default, nothing, or a handler. Threads
// share them; so may processes that share their memory (CLONE_SIGHAND).
#pragma once

#include <array>

#include "core/abi/signal.hh"
#include "core/base/atomic.hh"
#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/proc/signal.hh"
#include "core/sync/spin_lock.hh"

namespace weft::proc {

// What happens by default. No core is ever dumped, so the signals that ask for one just end.
enum class DefaultAction { end, ignore, stop };
DefaultAction default_action(int signal);

class SignalActions : public RefCounted {
 public:
  SignalActions() = default;
  static void last_reference_gone(SignalActions& actions);
  // All default. Errno::nomem.
  static Result<Ref<SignalActions>> make();
  // The same actions, for a child. Costs as much as there are signals with an action of their own.
  Result<Ref<SignalActions>> copy() { return copy_of(~SignalSet{0}); }
  // The same for a new program: handlers become defaults.
  Result<Ref<SignalActions>> copy_for_program() { return copy_of(~caught()); }

  abi::SignalAction get(int signal);
  void set(int signal, const abi::SignalAction& action);
  // The action for a delivery: with SA_RESETHAND a handler serves once. Interrupts are off.
  void take(int signal, abi::SignalAction& action);
  void reset(int signal) { set(signal, {}); }

  // Those that are dropped unless blocked: ignored, or without an action and ignored by default.
  // A sender reads it without the lock; set() changes it before it looks for what is pending already.
  SignalSet ignored() const { return ignored_.load(acquire); }
  SignalSet caught() const { return caught_.load(acquire); }
  bool has_flag(int signal, uint64_t flag) { return (get(signal).flags & flag) != 0; }

 private:
  Result<Ref<SignalActions>> copy_of(SignalSet kept);
  void store(int signal, const abi::SignalAction& action) REQUIRES(lock_);

  SpinLock lock_{Rank::signal_actions};
  Atomic<SignalSet> ignored_{k_ignored_by_default};
  Atomic<SignalSet> caught_{0};
  SignalSet known_ GUARDED_BY(lock_) = 0;  // whose action is in the array; the others have none
  // Not initialised, or each fork would clear 2 KiB.
  std::array<abi::SignalAction, k_last_signal> actions_ GUARDED_BY(lock_);

  static constexpr SignalSet k_ignored_by_default =
      set_of(abi::k_sigchld, abi::k_sigcont, abi::k_sigurg, abi::k_sigwinch);
};

}  // namespace weft::proc
