#include "core/sync/condvar.hh"

namespace weft {

Result<> CondVar::wait(Mutex& mutex, WaitLimit limit) {
  Waiter self(BlockReason::waiting, this);
  // lab:semaphore begin 2
  {
    SpinGuard guard(lock_);
    waiters_.prepare(self);  // before the mutex is let go: from here on no notify is missed
  }
  mutex.unlock();
  self.block(limit);
  Outcome outcome;
  {
    SpinGuard guard(lock_);
    outcome = waiters_.finish(self);
  }
  mutex.lock();
  return to_result(outcome);
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 2");
  // lab:semaphore end
}

void CondVar::wait(Mutex& mutex) {
  const Result<> result = wait(mutex, {});
  ASSERT(result.has_value(), "a wait without limits ends with a wake-up");
}

void CondVar::notify_one() {
  SpinGuard guard(lock_);
  // lab:semaphore begin 2
  waiters_.wake_one();
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 2");
  // lab:semaphore end
}

void CondVar::notify_all() {
  SpinGuard guard(lock_);
  // lab:semaphore begin 2
  waiters_.wake_all();
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 2");
  // lab:semaphore end
}

}  // namespace weft
