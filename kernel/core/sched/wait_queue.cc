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

Outcome Waiter::block(WaitLimit limit) {
  check_may_block();
  interruptible_ = limit.interruptible;
  if (limit.deadline == k_never) {
    sleep();
    return outcome();
  }
  sched::Timer timer(
      [](void* argument) {
        auto& waiter = *static_cast<Waiter*>(argument);
        if (waiter.claim(Outcome::timed_out)) sched::wake(waiter.thread_);
      },
      this);
  timer.start(limit.deadline);
  sleep();
  timer.cancel();
  return outcome();
}

// Under a mutex a wake-up may come late: the thread has found the outcome before it slept, and waits for
// the mutex now, which its waker still has. That wake-up is none of this wait's.
void Waiter::sleep() {
  do {
    sched::block(*this);
  } while (outcome() == Outcome::pending);
}

Outcome WaitQueue::finish(Waiter& waiter) {
  if (waiter.hook_.is_linked()) waiters_.remove(waiter);
  return waiter.outcome();
}

Outcome WaitQueue::block(Waiter& waiter, WaitLimit limit) {
  lock_->unlock();
  waiter.block(limit);
  lock_->lock();
  return finish(waiter);
}

bool WaitQueue::wake(Waiter& waiter) {
  waiters_.remove(waiter);
  if (!waiter.claim(Outcome::woken)) return false;
  sched::wake(waiter.thread_);
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
