#include "core/sync/condvar.hh"

namespace weft {

Result<> CondVar::wait(Mutex& mutex, WaitLimit limit) {
  Waiter self(BlockReason::waiting, this);
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
}

void CondVar::wait(Mutex& mutex) {
  const Result<> result = wait(mutex, {});
  ASSERT(result.has_value(), "a wait without limits ends with a wake-up");
}

void CondVar::notify_one() {
  SpinGuard guard(lock_);
  waiters_.wake_one();
}

void CondVar::notify_all() {
  SpinGuard guard(lock_);
  waiters_.wake_all();
}

}  // namespace weft
