#include "core/sync/semaphore.hh"

namespace weft {

Result<> Semaphore::acquire(WaitLimit limit) {
  SpinGuard guard(lock_);
  // lab:semaphore begin 1
  if (keys_ > 0) {
    --keys_;
    return {};
  }
  Waiter self(BlockReason::waiting, this);
  waiters_.prepare(self);
  return to_result(waiters_.block(self, limit));  // woken: release() gave us its key
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 1");
  // lab:semaphore end
}

void Semaphore::acquire() {
  const Result<> result = acquire({});
  ASSERT(result.has_value(), "a wait without limits ends with a wake-up");
}

bool Semaphore::try_acquire() {
  SpinGuard guard(lock_);
  // lab:semaphore begin 1
  if (keys_ == 0) return false;
  --keys_;
  return true;
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 1");
  // lab:semaphore end
}

void Semaphore::release_locked() {
  // lab:semaphore begin 1
  if (waiters_.wake_one() == nullptr) ++keys_;
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 1");
  // lab:semaphore end
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
  // lab:semaphore begin 1
  if (keys_ == most_) return fail(Errno::overflow);
  release_locked();
  return {};
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 1");
  // lab:semaphore end
}

}  // namespace weft
