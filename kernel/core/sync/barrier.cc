#include "core/sync/barrier.hh"

namespace weft {

bool Barrier::arrive_and_wait() {
  SpinGuard guard(lock_);
  --missing_;
  if (missing_ == 0) {
    missing_ = threads_;  // for the next round, before anybody of this one can come again
    waiters_.wake_all();
    return true;
  }
  Waiter self(BlockReason::waiting, this);
  waiters_.prepare(self);
  waiters_.block(self);
  return false;
}

}  // namespace weft
