#include "core/sync/semaphore.hh"

namespace weft {

Result<> Semaphore::acquire(WaitLimit limit) {
  SpinGuard guard(lock_);
  if (keys_ > 0) {
    --keys_;
    return {};
  }
  Waiter self(BlockReason::waiting, this);
  waiters_.prepare(self);
  return to_result(waiters_.block(self, limit));  // woken: release() gave us its key
}

void Semaphore::acquire() {
  const Result<> result = acquire({});
  ASSERT(result.has_value(), "a wait without limits ends with a wake-up");
}

bool Semaphore::try_acquire() {
  SpinGuard guard(lock_);
  if (keys_ == 0) return false;
  --keys_;
  return true;
}

void Semaphore::release_locked() {
  if (waiters_.wake_one() == nullptr) ++keys_;
}

void Semaphore::release(unsigned count) {
  SpinGuard guard(lock_);
  for (; count > 0; --count) release_locked();
}

unsigned Semaphore::keys() const {
  SpinGuard guard(lock_);
  return keys_;
}

Result<> BoundedSemaphore::release() {
  SpinGuard guard(lock_);
  if (keys_ == most_) return fail(Errno::overflow);
  release_locked();
  return {};
}

}  // namespace weft
