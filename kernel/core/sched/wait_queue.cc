#include "core/sched/wait_queue.hh"

#include "core/sched/scheduler.hh"
#include "core/sched/timer.hh"
#include "core/sync/lock_check.hh"

namespace weft {

Result<> to_result(Outcome outcome) {
  switch (outcome) {
    case Outcome::woken: return {};
    case Outcome::timed_out: return fail(Errno::timedout);
    case Outcome::interrupted: return fail(Errno::intr);
    case Outcome::pending: break;
  }
  panic("broken promise: a wait that has ended has an outcome");
}

Outcome Waiter::sleep_until(Instant deadline) {
  sched::Timer timer(
      [](void* argument) {
        auto& waiter = *static_cast<Waiter*>(argument);
        if (waiter.claim(Outcome::timed_out)) sched::wake(waiter.thread_);
      },
      this);
  timer.start(deadline);
  sleep();
  timer.cancel();
  return outcome();
}

// Under a mutex a wake-up may come late: the thread has found the outcome before it slept, and waits for
// the mutex now, which its waker still has. That wake-up is none of this wait's.
Outcome Waiter::sleep() {
  check_may_block();
  for (;;) {
    sched::block(*this);
    const Outcome ended = outcome();
    if (ended != Outcome::pending) return ended;
  }
}

Outcome Waiter::sleep_irqs_off() {
  check_may_block_irqs_off();
  sched::block_irqs_off(*this);
  const Outcome ended = outcome();
  return ended != Outcome::pending ? ended : sleep();
}

Outcome WaitQueue::finish(Waiter& waiter) {
  if (waiter.hook_.is_linked()) waiters_.remove(waiter);
  return waiter.outcome();
}

Outcome WaitQueue::block(Waiter& waiter, WaitLimit limit) {
  lock_->unlock_irqs_off();
  waiter.block_irqs_off(limit);
  lock_->lock_again();
  return finish(waiter);
}

bool WaitQueue::wake(Waiter& waiter) {
  waiters_.remove(waiter);
  if (!waiter.claim(Outcome::woken)) return false;
  lock_ != nullptr ? sched::wake_irqs_off(waiter.thread_) : sched::wake(waiter.thread_);
  return true;
}

Thread* WaitQueue::wake_one() {
  while (Waiter* first = waiters_.front()) {
    // Its wait may have timed out a moment ago; then the wake-up belongs to the next.
    Thread& thread = first->thread_;
    if (wake(*first)) return &thread;
  }
  return nullptr;
}

size_t WaitQueue::wake_all() {
  size_t count = 0;
  while (wake_one() != nullptr) ++count;
  return count;
}

void WaitQueue::prepare_by_priority(Waiter& waiter) {
  // From the end: most are equals, and a new one comes behind those.
  Waiter* before = waiters_.back();
  while (before != nullptr &&
         before->thread_.effective_priority() < waiter.thread_.effective_priority()) {
    before = waiters_.before(*before);
  }
  waiters_.insert_behind(before, waiter);
}

void WaitQueue::reorder(Waiter& waiter) {
  if (!waiter.hook_.is_linked()) return;
  waiters_.remove(waiter);
  prepare_by_priority(waiter);
}

}  // namespace weft
