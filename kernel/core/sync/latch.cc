#include "core/sync/latch.hh"

namespace weft {

void Latch::count_down(unsigned count) {
  SpinGuard guard(lock_);
  ASSERT(count <= missing_, "a latch counts down to zero and no further");
  missing_ -= count;
  if (missing_ == 0) waiters_.wake_all();
}

bool Latch::try_wait() const {
  SpinGuard guard(lock_);
  return missing_ == 0;
}

Result<> Latch::wait(WaitLimit limit) {
  SpinGuard guard(lock_);
  if (missing_ == 0) return {};
  Waiter self(BlockReason::waiting, this);
  waiters_.prepare(self);
  return to_result(waiters_.block(self, limit));
}

void Latch::wait() { (void)wait({}); }

void Latch::arrive_and_wait(unsigned count) {
  count_down(count);
  wait();
}

}  // namespace weft
