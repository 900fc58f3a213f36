#include "core/proc/clock_timer.hh"

#include "core/proc/process.hh"
#include "core/proc/timers.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/wall_clock.hh"

namespace weft::proc {

ClockTimer::ClockTimer(Process& process, const Clock& clock, Action action, void* argument)
    : process_(process),
      clock_(clock),
      action_(action),
      argument_(argument),
      timer_(action, argument, sched::Timer::Lock::free) {}

void ClockTimer::start(Nanoseconds time) {
  if (!clock_.counts_cpu_time()) {
    timer_.start(instant_of(clock_.kind, time));
    return;
  }
  CpuTimerQueue& queue = process_.cpu_timers;
  SpinGuard guard(queue.lock);
  DEBUG_ASSERT(!hook_.is_linked(), "a timer runs once at a time");
  time_ = time;
  queue.timers.push_back(*this);
  queue.count.fetch_add(1, relaxed);
}

void ClockTimer::cancel() {
  if (!clock_.counts_cpu_time()) {
    (void)timer_.cancel();
    return;
  }
  CpuTimerQueue& queue = process_.cpu_timers;
  SpinGuard guard(queue.lock);
  if (!hook_.is_linked()) return;
  CpuTimers::remove(*this);
  queue.count.fetch_sub(1, relaxed);
}

void ClockTimer::end() {
  if (!clock_.counts_cpu_time()) {
    timer_.end();
    return;
  }
  cancel();
  while (running_.load(acquire) != 0) hal::relax();
  cancel();  // the action may have started it anew
}

Nanoseconds ClockTimer::now() const {
  switch (clock_.kind) {
    case ClockKind::real: return sched::real_time();
    case ClockKind::monotonic: return hal::now();
    case ClockKind::process_cpu:
      return clock_.is_user_time_only ? user_time_of(process_) : cpu_time_of(process_);
    case ClockKind::thread_cpu: break;
  }
  SpinGuard guard(tree_lock);
  UserThread* const thread = find_thread(clock_.id);
  return thread == nullptr ? 0 : sched::cpu_time(thread->thread);
}

// The clock of another thread is looked at when that one has its tick.
bool ClockTimer::is_due() const {
  if (clock_.kind == ClockKind::thread_cpu) {
    UserThread& self = current_thread();
    return self.tid == clock_.id && sched::cpu_time(self.thread) >= time_;
  }
  return now() >= time_;
}

void ClockTimer::run_due(Process& process) {
  CpuTimerQueue& queue = process.cpu_timers;
  if (queue.count.load(relaxed) == 0) return;
  for (;;) {
    ClockTimer* due = nullptr;
    {
      SpinGuard guard(queue.lock);
      for (ClockTimer& timer : queue.timers) {
        if (!timer.is_due()) continue;
        due = &timer;
        break;
      }
      if (due == nullptr) return;
      CpuTimers::remove(*due);
      queue.count.fetch_sub(1, relaxed);
      due->running_.fetch_add(1, relaxed);
    }
    due->action_(due->argument_);
    due->running_.fetch_sub(1, release);  // the last touch: its owner may be waiting to go
  }
}

}  // namespace weft::proc
