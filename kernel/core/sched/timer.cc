#include "core/sched/timer.hh"

#include "core/hal.hh"
#include "core/sched/cpu.hh"
#include "core/sync/irq_guard.hh"

namespace weft::sched {

void Timer::start(Instant deadline) {
  IrqGuard irqs_off;  // the CPU's queue stays ours
  DEBUG_ASSERT(!node_.is_linked(), "a timer runs once at a time");
  Cpu& cpu = this_cpu();
  deadline_ = deadline;
  queue_ = &cpu.timers;
  {
    SpinGuard guard(queue_->lock_);
    queue_->timers_.insert(*this);
  }
  cpu.arm_no_later_than(deadline);
}

bool Timer::cancel() {
  if (queue_ == nullptr) return false;
  // The action runs under this lock: whoever holds it knows that it isn't running.
  SpinGuard guard(queue_->lock_);
  if (!node_.is_linked()) return false;
  queue_->timers_.remove(*this);
  return true;
}

void Timer::end() {
  do {
    cancel();
    while (running_.load(acquire) != 0) hal::relax();
  } while (cancel());  // the action may have started it anew
}

Instant TimerQueue::run_due(Instant now) {
  SpinGuard guard(lock_);
  for (;;) {
    Timer* first = timers_.first();
    if (first == nullptr) return k_never;
    if (first->deadline_ > now) return first->deadline_;
    timers_.remove(*first);
    if (first->lock_ == Timer::Lock::held) {
      first->action_(first->argument_);
    } else {
      first->running_.fetch_add(1, relaxed);  // seen by whoever takes the lock after this
      lock_.unlock();
      first->action_(first->argument_);
      first->running_.fetch_sub(1, release);  // the last touch: its owner may be waiting to go
      lock_.lock();
    }
  }
}

Instant TimerQueue::next_deadline() {
  SpinGuard guard(lock_);
  const Timer* first = timers_.first();
  return first == nullptr ? k_never : first->deadline_;
}

}  // namespace weft::sched
