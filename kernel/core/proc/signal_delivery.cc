#include "core/proc/signal_delivery.hh"

#include "core/proc/children.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"
#include "core/proc/signal_frame.hh"
#include "core/proc/stop.hh"

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
  const Restart how = std::exchange(self.interrupted, Restart::never_waits);
  const bool has_block = std::exchange(self.restart.go_on, nullptr) != nullptr;
  const bool goes_on =
      how == Restart::always ||
      ((how == Restart::if_action_says || (how == Restart::by_restart_call && !has_block)) &&
       (action_flags & abi::k_sa_restart) != 0);
  if (goes_on) call_again(registers, registers.vector);
}

// No handler has run: as if nothing had happened.
void settle_call_without_handler(UserThread& self, Registers& registers) {
  const Restart how = std::exchange(self.interrupted, Restart::never_waits);
  if (how == Restart::never_waits || how == Restart::never) return;
  const bool by_block = how == Restart::by_restart_call && self.restart.go_on != nullptr;
  call_again(registers, by_block ? abi::k_sys_restart_syscall : registers.vector);
}

// ---- One signal -----------------------------------------------------------------------------------

struct Taken {
  SignalInfo info;
  abi::SignalAction action;
};

// What the thread does next.
enum class Next { nothing, end, end_alone, stop, take };

Next next_step(UserThread& self, Taken& taken) {
  Process& process = self.process;
  SpinGuard guard(process.signal_lock);
  if (process.is_ending.load(relaxed)) return Next::end;
  if (process.only_thread != nullptr && process.only_thread != &self) return Next::end_alone;
  if (process.stop_signal != 0) return Next::stop;
  if (!self.pending.take(~self.blocked, taken.info) &&
      !process.pending.take(~self.blocked, taken.info)) {
    update_alert(self);
    return Next::nothing;
  }
  taken.action = process.actions->take(taken.info.signal);
  if (contains(k_stop_signals, taken.info.signal)) process.stop_was_taken = true;
  return Next::take;
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

// The mask while the handler runs.
void block_for_handler(UserThread& self, const Taken& taken) {
  SignalSet blocked = self.blocked | taken.action.mask;
  if ((taken.action.flags & abi::k_sa_nodefer) == 0) blocked |= bit_of(taken.info.signal);
  if (blocked != self.blocked) set_blocked(self, blocked);
}

// No frame fits on the stack. If that was for SIGSEGV's own handler, there is no use in another try.
void fail_delivery(UserThread& self, int signal) {
  if (signal == abi::k_sigsegv) self.process.actions->reset(signal);
  force_on_current(info_from_kernel(abi::k_sigsegv));
}

void call_handler(UserThread& self, Registers& registers, const Taken& taken) {
  settle_call_before_handler(self, registers, taken.action.flags);
  const SignalSet before = self.restores_blocked ? self.blocked_before : self.blocked;
  self.restores_blocked = false;
  if (!push_frame(self, registers, taken.action, taken.info, before).has_value()) {
    return fail_delivery(self, taken.info.signal);
  }
  block_for_handler(self, taken);
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
  for (;;) {
    Taken taken;
    switch (next_step(self, taken)) {
      case Next::end:
      case Next::end_alone: end_thread(0);
      case Next::stop: stop_here(self); continue;
      case Next::take:
        if (taken.action.handler > abi::k_ignore_signal) {
          call_handler(self, registers, taken);
        } else if (taken.action.handler == abi::k_default_action) {
          do_default(self, taken.info);
        }
        continue;
      case Next::nothing: break;
    }
    if (leads_astray(registers)) {
      force_on_current(info_from_kernel(abi::k_sigsegv));
      continue;
    }
    break;
  }
  settle_call_without_handler(self, registers);
  restore_mask(self);
}

void force_fault(UserThread& self, int signal, int code, VirtAddr address,
                 const FaultRecord& record) {
  self.last_fault = record;
  SignalInfo info;
  info.signal = signal;
  info.code = code;
  info.fault = {.address = code == abi::k_si_kernel ? 0 : address};
  force_on_current(info);
}

}  // namespace weft::proc
