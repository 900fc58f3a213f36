// Barrier: a meeting point. Nobody passes until all have come; then all pass, and it can be used
// again.
#pragma once

#include "core/sched/wait_queue.hh"

namespace weft {

class Barrier {
 public:
  explicit Barrier(unsigned threads) : threads_(threads), missing_(threads) {
    ASSERT(threads > 0, "somebody comes to a barrier");
  }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  // Blocks until as many threads as the barrier is for have called it. True for the last of them.
  bool arrive_and_wait();

 private:
  SpinLock lock_{Rank::wait_queue};
  WaitQueue waiters_ GUARDED_BY(lock_){lock_};
  const unsigned threads_;
  unsigned missing_ GUARDED_BY(lock_);
};

}  // namespace weft
