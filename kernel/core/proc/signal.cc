// Sending signals.
#include "core/proc/signal.hh"

#include "core/proc/children.hh"
#include "core/proc/group.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/queued_signals.hh"
#include "core/proc/send.hh"
#include "core/proc/stop.hh"
#include "core/sched/scheduler.hh"
#include "core/trace/trace.hh"

namespace weft::proc {
namespace {

// ---- Who gets it ----------------------------------------------------------------------------------

// Nothing would come of it. A signal that is blocked is kept: its action may change meanwhile.
bool is_dropped(const Process& process, const UserThread& receiver, int signal)
    REQUIRES(process.signal_lock) {
  // lab:signal begin 2
  if (contains(receiver.blocked, signal)) return false;
  // The first process gets only what it is prepared for.
  if (&process == first_process && !contains(process.actions->caught(), signal)) return true;
  return contains(process.actions->ignored(), signal);
  // lab:signal stub: static_cast<void>(process);
  // lab:signal stub: static_cast<void>(receiver);
  // lab:signal stub: static_cast<void>(signal);
  // lab:signal stub: panic("not implemented: lab signal, part 2");
  // lab:signal end
}

bool would_take(const UserThread& thread, int signal) {
  return !contains(thread.blocked & ~thread.awaited, signal) && !thread.is_stopped;
}

[[gnu::noinline]] UserThread* find_taker(Process& process, int signal)
    REQUIRES(process.signal_lock) {
  for (UserThread& thread : process.threads) {
    if (would_take(thread, signal)) return &thread;
  }
  return nullptr;
}

// The running thread if it can, since it will look soon; else any that can. If none can now, one will
// find the signal when it changes its mask or goes on.
UserThread* choose_thread(Process& process, int signal) REQUIRES(process.signal_lock) {
  // lab:signal begin 2
  auto* const self = static_cast<UserThread*>(hal::current()->user);
  if (self != nullptr && &self->process == &process && would_take(*self, signal)) return self;
  return find_taker(process, signal);
  // lab:signal stub: static_cast<void>(process);
  // lab:signal stub: static_cast<void>(signal);
  // lab:signal stub: panic("not implemented: lab signal, part 2");
  // lab:signal end
}

// ---- What it does at once -------------------------------------------------------------------------

void drop_everywhere(Process& process, SignalSet signals) REQUIRES(process.signal_lock) {
  process.pending.drop(signals);
  for (UserThread& thread : process.threads) thread.pending.drop(signals);
}

// SIGCONT and the stop signals take each other away, even if they are blocked or ignored. True if
// the process was stopped and goes on.
bool settle_stops(Process& process, int signal) REQUIRES(process.signal_lock) {
  // lab:signal begin 2
  if (contains(k_stop_signals, signal)) {
    drop_everywhere(process, bit_of(abi::k_sigcont));
  } else if (signal == abi::k_sigcont) {
    drop_everywhere(process, k_stop_signals);
    return go_on(process);
  }
  return false;
  // lab:signal stub: static_cast<void>(process);
  // lab:signal stub: static_cast<void>(signal);
  // lab:signal stub: panic("not implemented: lab signal, part 2");
  // lab:signal end
}

Result<> add(Process& process, UserThread* thread, const SignalInfo& info)
    REQUIRES(process.signal_lock) {
  // lab:signal begin 2
  const int signal = info.signal;
  PendingSignals& pending = thread != nullptr ? thread->pending : process.pending;
  if (signal < k_first_real_time && pending.contains(signal)) return {};
  const bool is_limited = signal >= k_first_real_time || info.code < 0;
  if (!is_limited && pending.add_in_place(info)) return {};
  QueuedSignal* const queued = make_queued(
      info, is_limited ? process.limits.soft(abi::k_rlimit_sigpending) : abi::k_no_limit);
  if (queued != nullptr) {
    pending.add(*queued);
  } else if (signal >= k_first_real_time && info.code != abi::k_si_user) {
    return fail(Errno::again);
  } else {
    pending.add_bare(signal);
  }
  return {};
  // lab:signal stub: static_cast<void>(process);
  // lab:signal stub: static_cast<void>(thread);
  // lab:signal stub: static_cast<void>(info);
  // lab:signal stub: panic("not implemented: lab signal, part 2");
  // lab:signal end
}

[[gnu::always_inline]] inline void tell_receiver(Process& process, UserThread* thread, int signal)
    REQUIRES(process.signal_lock) {
  if (!process.signal_readers.empty()) process.signal_readers.wake_all();
  process.signal_arrived.notify(abi::k_pollin | abi::k_pollrdnorm);
  if (thread == nullptr) {
    thread = choose_thread(process, signal);
  } else if (!would_take(*thread, signal)) {
    return;
  }
  if (thread != nullptr) alert(*thread);
}

// The process has threads. Part of both its callers, since a signal to oneself should be short.
[[gnu::always_inline]] inline Result<> deliver(Process& process, UserThread* thread,
                                               const SignalInfo& info)
    REQUIRES(process.signal_lock) {
  const UserThread& receiver = thread != nullptr ? *thread : *process.threads.front();
  if (is_dropped(process, receiver, info.signal)) return {};
  if (info.signal == abi::k_sigkill) {
    begin_end(process, status_of_signal(abi::k_sigkill));
    return {};
  }
  TRY(add(process, thread, info));
  tell_receiver(process, thread, info.signal);
  return {};
}

// True if the process goes on by it.
Result<bool> deliver_to(Process& process, UserThread* thread, const SignalInfo& info) {
  SpinGuard guard(process.signal_lock);
  if (process.is_ending.load(relaxed) || process.threads.empty()) return false;
  const bool goes_on = settle_stops(process, info.signal);
  TRY(deliver(process, thread, info));
  return goes_on;
}

}  // namespace

// Out of line, so that a signal to oneself saves no registers for it.
[[gnu::noinline]] static void alert_other(Thread& thread) {
  sched::interrupt(thread);
  // In user mode it would not look for a while.
  if (sched::is_running(&thread)) hal::kick_cpu(thread.cpu.load(relaxed));
}

void alert(UserThread& thread) {
  thread.work.fetch_or(hal::k_work_signals, release);
  Thread& kernel_thread = thread.thread;
  if (&kernel_thread != hal::current()) return alert_other(kernel_thread);
  // It doesn't wait now, so its next wait is meant. Only holders of the signal lock set this.
  kernel_thread.interrupt_pending = true;
}

bool has_to_act(const UserThread& self) {
  // lab:signal begin 3
  const Process& process = self.process;
  const SignalSet pending = self.pending.set() | process.pending.set();
  return (pending & ~(self.blocked & ~self.awaited)) != 0 || process.is_ending.load(relaxed) ||
         process.stop_signal != 0 || process.only_thread != nullptr;
  // lab:signal stub: static_cast<void>(self);
  // lab:signal stub: panic("not implemented: lab signal, part 3");
  // lab:signal end
}

void update_alert(UserThread& self) {
  if (has_to_act(self)) {
    alert(self);
  } else {
    self.thread.interrupt_pending = false;
  }
}

void leave_to_others(UserThread& leaver, SignalSet signals) {
  Process& process = leaver.process;
  const SignalSet left = process.pending.set() & signals;
  if (left == 0) return;
  for (UserThread& thread : process.threads) {
    if (&thread != &leaver && (left & ~thread.blocked) != 0) alert(thread);
  }
}

void begin_end(Process& process, int status) {
  if (process.is_ending.load(relaxed)) return;
  process.status = status;
  process.is_ending.store(true, release);
  go_on(process);
  for (UserThread& thread : process.threads) alert(thread);
}

Result<> send_locked(Process& process, UserThread* thread, const SignalInfo& info) {
  trace::record(trace::Kind::signals, static_cast<uint64_t>(process.pid), 0,
                static_cast<unsigned>(info.signal));
  if (TRY(deliver_to(process, thread, info))) report_continuation(process);
  return {};
}

bool drops(Process& process, int signal) {
  SpinGuard guard(process.signal_lock);
  return process.threads.empty() || is_dropped(process, *process.threads.front(), signal);
}

void send_to_members(Group& group, const SignalInfo& info) {
  for (Process& member : group.members) (void)send_locked(member, nullptr, info);
}

// ---- Sending --------------------------------------------------------------------------------------

SignalInfo info_from_user(int signal, int code) {
  SignalInfo info{};
  info.signal = signal;
  info.code = code;
  info.sender = {.pid = current_thread().process.pid, .user = 0, .value = {}};
  return info;
}

SignalInfo info_from_kernel(int signal) {
  SignalInfo info{};
  info.signal = signal;
  info.code = abi::k_si_kernel;
  return info;
}

Result<> send_to_process(Process& process, const SignalInfo& info) {
  SpinGuard guard(tree_lock);
  return send_locked(process, nullptr, info);
}

Result<> send_to_thread(UserThread& thread, const SignalInfo& info) {
  SpinGuard guard(tree_lock);
  return send_locked(thread.process, &thread, info);
}

Result<> send_to_group(int32_t group, const SignalInfo& info) {
  SpinGuard guard(tree_lock);
  const PidEntry* const entry = pids.find(group);
  if (entry == nullptr || entry->group == nullptr) return fail(Errno::srch);
  if (info.signal != 0) send_to_members(*entry->group, info);
  return {};
}

namespace {

// The running process sends itself something that its parent need not hear of: no other process is
// concerned, so the tree stays unlocked.
bool is_own_affair(int32_t pid, int signal) {
  constexpr SignalSet k_parents_affair = k_stop_signals | set_of(abi::k_sigcont);
  return signal != 0 && pid == current_thread().process.pid && !contains(k_parents_affair, signal);
}

}  // namespace

Result<> send_to_pid(int32_t pid, const SignalInfo& info) {
  if (is_own_affair(pid, info.signal)) {
    Process& self = current_thread().process;
    SpinGuard guard(self.signal_lock);
    return deliver(self, nullptr, info);
  }
  SpinGuard guard(tree_lock);
  Process* const process = find_process(pid);
  if (process == nullptr) return fail(Errno::srch);
  return info.signal == 0 ? Result<>{} : send_locked(*process, nullptr, info);
}

Result<> send_to_tid(int32_t pid, int32_t tid, const SignalInfo& info) {
  SpinGuard guard(tree_lock);
  UserThread* const thread = find_thread(tid);
  if (thread == nullptr) {
    // The first thread of a process keeps its number after its end.
    const Process* const process = find_process(tid);
    return process == nullptr || (pid != 0 && pid != tid) ? fail(Errno::srch) : Result<>{};
  }
  if (pid != 0 && thread->process.pid != pid) return fail(Errno::srch);
  return info.signal == 0 ? Result<>{} : send_locked(thread->process, thread, info);
}

Result<> send_to_all(const SignalInfo& info) {
  SpinGuard guard(tree_lock);
  const Process& self = current_thread().process;
  bool is_anybody_there = false;
  for (Process* process = next_process(1); process != nullptr;
       process = next_process(process->pid)) {
    if (process == &self) continue;
    is_anybody_there = true;
    if (info.signal != 0) (void)send_locked(*process, nullptr, info);
  }
  return is_anybody_there ? Result<>{} : fail(Errno::srch);
}

Prepared send_prepared(Process& process, int32_t tid, QueuedSignal& signal) {
  SpinGuard tree_guard(tree_lock);
  UserThread* const thread = tid == 0 ? nullptr : find_thread(tid);
  if (tid != 0 && (thread == nullptr || &thread->process != &process)) return Prepared::dropped;
  SpinGuard guard(process.signal_lock);
  if (process.threads.empty()) return Prepared::dropped;
  if (signal.hook.is_linked()) return Prepared::still_pending;
  const int number = signal.info.signal;
  const UserThread& receiver = thread != nullptr ? *thread : *process.threads.front();
  if (process.is_ending.load(relaxed) || is_dropped(process, receiver, number)) {
    return Prepared::dropped;
  }
  (thread != nullptr ? thread->pending : process.pending).add(signal);
  tell_receiver(process, thread, number);
  return Prepared::pending;
}

void withdraw(Process& process, QueuedSignal& signal) {
  SpinGuard guard(process.signal_lock);
  if (process.pending.withdraw(signal)) return;
  for (UserThread& thread : process.threads) {
    if (thread.pending.withdraw(signal)) return;
  }
}

void force_on_current(const SignalInfo& info) {
  UserThread& self = current_thread();
  Process& process = self.process;
  SpinGuard guard(process.signal_lock);
  if (contains(self.blocked, info.signal) ||
      process.actions->get(info.signal).handler == abi::k_ignore_signal) {
    process.actions->reset(info.signal);
    self.blocked &= ~bit_of(info.signal);
  }
  self.pending.drop(bit_of(info.signal));
  (void)add(process, &self, info);
  alert(self);
}

}  // namespace weft::proc
