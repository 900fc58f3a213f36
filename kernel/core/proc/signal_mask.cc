// A thread's mask, a process's actions, and waiting for signals.
#include <utility>

#include "core/proc/process.hh"
#include "core/proc/send.hh"

namespace weft::proc {

void change_blocked(UserThread& self, SignalSet blocked) {
  // lab:signal begin 3
  const SignalSet before = std::exchange(self.blocked, blocked);
  const SignalSet newly_blocked = blocked & ~before;
  if ((self.process.pending.set() & newly_blocked) != 0) leave_to_others(self, newly_blocked);
  // lab:signal stub: static_cast<void>(self);
  // lab:signal stub: static_cast<void>(blocked);
  // lab:signal stub: panic("not implemented: lab signal, part 3");
  // lab:signal end
}

bool has_signal(UserThread& self) {
  SpinGuard guard(self.process.signal_lock);
  update_alert(self);
  return self.thread.interrupt_pending;
}

void set_blocked(UserThread& self, SignalSet blocked) {
  SpinGuardIrqsOn guard(self.process.signal_lock);
  // lab:signal begin 3
  change_blocked(self, blocked & ~k_unblockable);
  update_alert(self);
  // lab:signal stub: static_cast<void>(blocked);
  // lab:signal stub: panic("not implemented: lab signal, part 3");
  // lab:signal end
}

void set_blocked_for_call(UserThread& self, SignalSet blocked) {
  self.blocked_before = self.blocked;
  self.restores_blocked = true;
  set_blocked(self, blocked);
  self.work.fetch_or(hal::k_work_signals, relaxed);
}

void set_action(Process& process, int signal, const abi::SignalAction& action) {
  process.actions->set(signal, action);
  // lab:signal begin 3
  if (!contains(process.actions->ignored(), signal)) return;
  SpinGuard guard(process.signal_lock);
  process.pending.drop(bit_of(signal));
  for (UserThread& thread : process.threads) thread.pending.drop(bit_of(signal));
  // lab:signal stub: panic("not implemented: lab signal, part 3");
  // lab:signal end
}

Result<SignalInfo> wait_for_signal(UserThread& self, SignalSet wanted, Instant deadline) {
  Process& process = self.process;
  SignalInfo info;
  const auto take = [&] {
    return self.pending.take(wanted, info) || process.pending.take(wanted, info);
  };
  {
    SpinGuard guard(process.signal_lock);
    if (take()) return info;
    if (deadline <= hal::now()) return fail(Errno::again);
    self.awaited = wanted;
    update_alert(self);
  }
  Waiter waiter(BlockReason::waiting, &process.pending);
  const Outcome outcome = waiter.block({.deadline = deadline, .interruptible = true});
  SpinGuard guard(process.signal_lock);
  self.awaited = 0;
  const bool has_taken = take();
  update_alert(self);
  if (has_taken) return info;
  return fail(outcome == Outcome::interrupted ? Errno::intr : Errno::again);
}

}  // namespace weft::proc
