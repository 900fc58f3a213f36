// Latch: a gate that opens once, when as many have come as were expected, and stays open.
#pragma once

#include "core/sched/wait_queue.hh"

namespace weft {

class Latch {
 public:
  constexpr explicit Latch(unsigned expected) : missing_(expected) {}
  Latch(const Latch&) = delete;
  Latch& operator=(const Latch&) = delete;

  // Any context. Never more than are expected.
  void count_down(unsigned count = 1);
  bool try_wait() const;
  // Blocks until it is open. Errno::timedout or Errno::intr as the limit says.
  Result<> wait(WaitLimit limit);
  void wait();
  void arrive_and_wait(unsigned count = 1);

 private:
  mutable SpinLock lock_{Rank::wait_queue};
  WaitQueue waiters_ GUARDED_BY(lock_){lock_};
  unsigned missing_ GUARDED_BY(lock_);
};

}  // namespace weft
