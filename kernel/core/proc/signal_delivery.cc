#include "core/proc/signal_delivery.hh"

#include "core/proc/children.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"
#include "core/proc/signal_frame.hh"
#include "core/proc/stop.hh"
#include "core/trace/trace.hh"

namespace weft::proc {
namespace {

// ---- Interrupted calls ----------------------------------------------------------------------------

constexpr uint64_t k_call_instruction_size = 2;  // SYSCALL

void call_again(Registers& registers, uint64_t number) {
  registers.rax = number;
  registers.rip -= k_call_instruction_size;
}

// Before a handler runs. The call has answered Errno::intr; that stays, or it begins anew when the
// handler has returned.
void settle_call_before_handler(UserThread& self, Registers& registers, uint64_t action_flags) {
  if (self.interrupted == Restart::never_waits) return;
  const Restart how = std::exchange(self.interrupted, Restart::never_waits);
  const bool has_block = std::exchange(self.restart.go_on, nullptr) != nullptr;
  const bool goes_on =
      std::exchange(self.restart.always_anew, false) || how == Restart::always ||
      ((how == Restart::if_action_says || (how == Restart::by_restart_call && !has_block)) &&
       (action_flags & abi::k_sa_restart) != 0);
  if (goes_on) call_again(registers, registers.vector);
}

// No handler has run: as if nothing had happened.
void settle_call_without_handler(UserThread& self, Registers& registers) {
  const Restart how = std::exchange(self.interrupted, Restart::never_waits);
  if (how == Restart::never_waits || how == Restart::never) return;
  self.restart.always_anew = false;
  const bool by_block = how == Restart::by_restart_call && self.restart.go_on != nullptr;
  call_again(registers, by_block ? abi::k_sys_restart_syscall : registers.vector);
}

// ---- One signal -----------------------------------------------------------------------------------

struct Taken {
  SignalInfo info;
  abi::SignalAction action;
  SignalSet blocked_before;  // a handler's own mask is in force already
  bool is_last;              // nothing else is to be done
};

// What the thread does next.
enum class Next { nothing, end, stop, act, handle };

// The mask while the handler runs.
SignalSet blocked_for_handler(const UserThread& self, const Taken& taken) {
  // lab:signal begin 5
  const SignalSet blocked = self.blocked | taken.action.mask;
  const bool may_nest = (taken.action.flags & abi::k_sa_nodefer) != 0;
  return may_nest ? blocked : blocked | bit_of(taken.info.signal);
  // lab:signal stub: static_cast<void>(self);
  // lab:signal stub: static_cast<void>(taken);
  // lab:signal stub: panic("not implemented: lab signal, part 5");
  // lab:signal end
}

// All that needs the lock, in one go.
Next next_step(UserThread& self, Taken& taken) {
  Process& process = self.process;
  SpinGuardIrqsOn guard(process.signal_lock);
  if (process.is_ending.load(relaxed)) return Next::end;
  if (process.only_thread != nullptr) [[unlikely]] {
    if (process.only_thread != &self) return Next::end;
  }
  if (process.stop_signal != 0) return Next::stop;
  // lab:signal begin 5
  if (!self.pending.take(~self.blocked, taken.info) &&
      !process.pending.take(~self.blocked, taken.info)) {
    update_alert(self);
    return Next::nothing;
  }
  process.actions->take(taken.info.signal, taken.action);
  if (taken.action.handler <= abi::k_ignore_signal) {
    if (contains(k_stop_signals, taken.info.signal)) process.stop_was_taken = true;
    return Next::act;
  }
  taken.blocked_before = self.blocked;
  change_blocked(self, blocked_for_handler(self, taken));
  taken.is_last = !has_to_act(self);
  self.thread.interrupt_pending = !taken.is_last;
  return Next::handle;
  // lab:signal stub: static_cast<void>(taken);
  // lab:signal stub: panic("not implemented: lab signal, part 5");
  // lab:signal end
}

bool comes_from_a_fault(const SignalInfo& info) {
  return contains(k_synchronous, info.signal) && info.code > abi::k_si_user;
}

void do_default(UserThread& self, const SignalInfo& info) {
  switch (default_action(info.signal)) {
    case DefaultAction::ignore: return;
    case DefaultAction::stop: return begin_stop(self, info.signal);
    case DefaultAction::end: break;
  }
  // The first process can't be ended from outside, but by its own faults.
  if (&self.process == first_process && !comes_from_a_fault(info)) return;
  end_process(status_of_signal(info.signal));
}

// No frame fits on the stack. If that was for SIGSEGV's own handler, there is no use in another try.
void fail_delivery(UserThread& self, const Taken& taken) {
  set_blocked(self, taken.blocked_before);
  if (taken.info.signal == abi::k_sigsegv) self.process.actions->reset(abi::k_sigsegv);
  force_on_current(info_from_kernel(abi::k_sigsegv));
}

// False if there was no room for it.
bool call_handler(UserThread& self, Registers& registers, const Taken& taken) {
  trace::record(trace::Kind::handles_signal, taken.action.handler, 0,
                static_cast<unsigned>(taken.info.signal));
  settle_call_before_handler(self, registers, taken.action.flags);
  const SignalSet before =
      std::exchange(self.restores_blocked, false) ? self.blocked_before : taken.blocked_before;
  const auto pushed = push_frame(self, registers, taken.action, taken.info, before);
  if (!pushed.has_value()) fail_delivery(self, taken);
  return pushed.has_value();
}

void restore_mask(UserThread& self) {
  if (!self.restores_blocked) return;
  self.restores_blocked = false;
  set_blocked(self, self.blocked_before);
}

// The CPU would refuse to go there, in the kernel.
bool leads_astray(const Registers& registers) { return registers.rip >= mm::k_user_end; }

}  // namespace

void deliver_signals(UserThread& self, Registers& registers) {
  // A call that was not interrupted is over, and so is its mask.
  if (self.interrupted == Restart::never_waits) restore_mask(self);
  // lab:signal begin 5
  for (;;) {
    Taken taken;
    const Next next = next_step(self, taken);
    if (next == Next::end) end_thread(0);
    if (next == Next::stop) {
      stop_here(self);
      continue;
    }
    if (next == Next::act) {
      if (taken.action.handler == abi::k_default_action) do_default(self, taken.info);
      continue;
    }
    if (next == Next::handle && !(call_handler(self, registers, taken) && taken.is_last)) continue;
    if (!leads_astray(registers)) break;
    force_on_current(info_from_kernel(abi::k_sigsegv));
  }
  // lab:signal stub: panic("not implemented: lab signal, part 5");
  // lab:signal end
  settle_call_without_handler(self, registers);
  restore_mask(self);
}

void force_fault(UserThread& self, int signal, int code, VirtAddr address,
                 const FaultRecord& record) {
  self.last_fault = record;
  SignalInfo info{};
  info.signal = signal;
  info.code = code;
  info.fault = {.address = code == abi::k_si_kernel ? 0 : address};
  force_on_current(info);
}

}  // namespace weft::proc
