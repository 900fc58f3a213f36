// Signals: send, handle, block, wait for them.
#include <utility>

#include "core/proc/group.hh"
#include "core/proc/process_file.hh"
#include "core/proc/send.hh"
#include "core/proc/signal_delivery.hh"
#include "core/proc/signal_file.hh"
#include "core/proc/signal_frame.hh"
#include "core/sched/time_values.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

using proc::SignalInfo;
using proc::SignalSet;

Result<> check_signal_or_none(int32_t signal) {
  if (signal != 0 && !proc::is_signal(signal)) return fail(Errno::inval);
  return {};
}

// What a program says comes with its signal. It must not look like the kernel's word, or kill()'s,
// unless it goes to the program itself.
Result<SignalInfo> load_info(Context& context, UserIn<abi::SignalInfo> place, int32_t signal,
                             int32_t receiver) {
  const abi::SignalInfo given = TRY(place.load());
  SignalInfo info;
  static_assert(sizeof info < sizeof given);
  __builtin_memcpy(&info, &given, sizeof info);
  info.signal = signal;
  const bool looks_official = info.code >= 0 || info.code == abi::k_si_tkill;
  if (looks_official && receiver != context.process.pid) return fail(Errno::perm);
  return info;
}

}  // namespace

// ---- Sending --------------------------------------------------------------------------------------

Result<uint64_t> sys_kill(Context& context, int32_t pid, int32_t signal) {
  TRY(check_signal_or_none(signal));
  const SignalInfo info = proc::info_from_user(signal, abi::k_si_user);
  if (pid > 0) {
    TRY(proc::send_to_pid(pid, info));
  } else if (pid == -1) {
    TRY(proc::send_to_all(info));
  } else if (pid == INT32_MIN) {
    return fail(Errno::srch);
  } else {
    const int32_t group = pid == 0 ? TRY(proc::group_of(context.process, 0)) : -pid;
    TRY(proc::send_to_group(group, info));
  }
  return 0;
}

Result<uint64_t> sys_tkill(Context&, int32_t tid, int32_t signal) {
  if (tid <= 0) return fail(Errno::inval);
  TRY(check_signal_or_none(signal));
  TRY(proc::send_to_tid(0, tid, proc::info_from_user(signal, abi::k_si_tkill)));
  return 0;
}

Result<uint64_t> sys_tgkill(Context&, int32_t pid, int32_t tid, int32_t signal) {
  if (pid <= 0 || tid <= 0) return fail(Errno::inval);
  TRY(check_signal_or_none(signal));
  TRY(proc::send_to_tid(pid, tid, proc::info_from_user(signal, abi::k_si_tkill)));
  return 0;
}

Result<uint64_t> sys_rt_sigqueueinfo(Context& context, int32_t pid, int32_t signal,
                                     UserIn<abi::SignalInfo> place) {
  const SignalInfo info = TRY(load_info(context, place, signal, pid));
  TRY(check_signal_or_none(signal));
  TRY(proc::send_to_pid(pid, info));
  return 0;
}

Result<uint64_t> sys_pidfd_send_signal(Context& context, Fd fd, int32_t signal,
                                       UserIn<abi::SignalInfo> place, uint32_t) {
  const proc::FoundProcess found = TRY(proc::find_process_of_file(context.process, fd.number));
  proc::Process& process = *found.process;
  SignalInfo info = proc::info_from_user(signal, abi::k_si_user);
  if (!place.is_null()) {
    info = TRY(load_info(context, place, signal, process.pid));
    if (TRY(place.load()).signal != signal) return fail(Errno::inval);
  }
  TRY(check_signal_or_none(signal));
  SpinGuard guard(proc::tree_lock);
  if (process.group == nullptr) return fail(Errno::srch);  // it was waited for
  if (signal != 0) TRY(proc::send_locked(process, nullptr, info));
  return 0;
}

// ---- Actions --------------------------------------------------------------------------------------

Result<uint64_t> sys_rt_sigaction(Context& context, int32_t signal,
                                  UserIn<abi::SignalAction> action,
                                  UserOut<abi::SignalAction> old_action) {
  constexpr uint64_t k_known_flags = abi::k_sa_nocldstop | abi::k_sa_nocldwait | abi::k_sa_siginfo |
                                     abi::k_sa_restorer | abi::k_sa_onstack | abi::k_sa_restart |
                                     abi::k_sa_nodefer | uint64_t{abi::k_sa_resethand};
  abi::SignalAction wanted{};
  if (!action.is_null()) wanted = TRY(action.load());
  if (!proc::is_signal(signal)) return fail(Errno::inval);
  if (!action.is_null() && proc::contains(proc::k_unblockable, signal)) return fail(Errno::inval);
  proc::SignalActions& actions = *context.process.actions;
  const abi::SignalAction old = actions.get(signal);
  if (!action.is_null()) {
    wanted.flags &= k_known_flags;
    wanted.mask &= ~proc::k_unblockable;
    proc::set_action(context.process, signal, wanted);
  }
  if (!old_action.is_null()) TRY(old_action.store(old));
  return 0;
}

Result<uint64_t> sys_rt_sigreturn(Context& context) {
  context.thread.restart.go_on = nullptr;
  if (!proc::pop_frame(context.thread, context.registers).has_value()) {
    proc::force_on_current(proc::info_from_kernel(abi::k_sigsegv));
  }
  // Not as a system call ends: all registers are what the frame said.
  hal::enter_user(context.registers);
}

Result<uint64_t> sys_sigaltstack(Context& context, UserIn<abi::SignalStack> stack,
                                 UserOut<abi::SignalStack> old_stack) {
  const VirtAddr pointer = context.registers.rsp;
  const abi::SignalStack old = proc::other_stack(context.thread, pointer);
  if (!stack.is_null()) {
    TRY(proc::set_other_stack(context.thread, pointer, TRY(stack.load())));
  }
  if (!old_stack.is_null()) TRY(old_stack.store(old));
  return 0;
}

// ---- Masks ----------------------------------------------------------------------------------------

Result<uint64_t> sys_rt_sigprocmask(Context& context, int32_t how, UserIn<uint64_t> set,
                                    UserOut<uint64_t> old_set) {
  proc::UserThread& self = context.thread;
  const SignalSet old = self.blocked;
  if (!set.is_null()) {
    const SignalSet given = TRY(set.load());
    switch (static_cast<uint32_t>(how)) {
      case abi::k_sig_block: proc::set_blocked(self, old | given); break;
      case abi::k_sig_unblock: proc::set_blocked(self, old & ~given); break;
      case abi::k_sig_setmask: proc::set_blocked(self, given); break;
      default: return fail(Errno::inval);
    }
  }
  if (!old_set.is_null()) TRY(old_set.store(old));
  return 0;
}

Result<uint64_t> sys_rt_sigpending(Context& context, UserOut<std::byte> set, size_t set_size) {
  if (set_size > sizeof(SignalSet)) return fail(Errno::inval);
  SignalSet pending;
  {
    SpinGuard guard(context.process.signal_lock);
    pending =
        (context.thread.pending.set() | context.process.pending.set()) & context.thread.blocked;
  }
  TRY(mm::copy_to_user(set.raw(), &pending, set_size));
  return 0;
}

// ---- Waiting --------------------------------------------------------------------------------------

Result<uint64_t> sys_pause(Context& context) {
  Waiter waiter(BlockReason::waiting, &context.thread);
  waiter.block({.deadline = k_never, .interruptible = true});
  return fail(Errno::intr);
}

Result<uint64_t> sys_rt_sigsuspend(Context& context, UserIn<uint64_t> mask) {
  proc::set_blocked_for_call(context.thread, TRY(mask.load()));
  return sys_pause(context);
}

Result<uint64_t> sys_rt_sigtimedwait(Context& context, UserIn<uint64_t> set,
                                     UserOut<abi::SignalInfo> place,
                                     UserIn<abi::Timespec> timeout) {
  const SignalSet wanted = TRY(set.load()) & ~proc::k_unblockable;
  Instant deadline = k_never;
  if (!timeout.is_null()) {
    const abi::Timespec time = TRY(timeout.load());
    if (!sched::is_valid(time)) return fail(Errno::inval);
    deadline = hal::now() + sched::to_nanoseconds(time);
  }
  const SignalInfo info = TRY(proc::wait_for_signal(context.thread, wanted, deadline));
  if (!place.is_null()) TRY(proc::store_info(place.raw(), info));
  return static_cast<uint64_t>(info.signal);
}

Result<uint64_t> sys_signalfd4(Context& context, Fd fd, UserIn<uint64_t> mask, uint32_t flags) {
  const SignalSet signals = TRY(mask.load()) & ~proc::k_unblockable;
  if (fd.number == -1) {
    return static_cast<uint64_t>(TRY(proc::open_signals(context.process, signals, flags)));
  }
  TRY(proc::change_signals(context.process, fd.number, signals));
  return static_cast<uint64_t>(fd.number);
}

Result<uint64_t> sys_restart_syscall(Context& context) {
  proc::RestartBlock& block = context.thread.restart;
  const auto go_on = std::exchange(block.go_on, nullptr);
  if (go_on == nullptr) return fail(Errno::intr);
  return go_on(context.thread, block);
}

}  // namespace weft::syscall
