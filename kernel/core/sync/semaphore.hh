// Semaphore: the kitchen with n keys. acquire() takes a key or waits for one; release() gives one
// back. First come, first served: release() hands the key straight to the longest waiter.
#pragma once

#include "core/sched/wait_queue.hh"

namespace weft {

class Semaphore {
 public:
  constexpr explicit Semaphore(unsigned keys) : keys_(keys) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  // May block. Errno::timedout or Errno::intr as the limit says.
  Result<> acquire(WaitLimit limit);
  void acquire();
  bool try_acquire();
  // Any context.
  void release(unsigned count = 1);
  // Free keys at this moment.
  unsigned keys() const;

 protected:
  void release_locked() REQUIRES(lock_);

  mutable SpinLock lock_{Rank::wait_queue};
  WaitQueue waiters_ GUARDED_BY(lock_){lock_};
  unsigned keys_ GUARDED_BY(lock_);
};

// A semaphore that refuses a key it did not give out.
class BoundedSemaphore : private Semaphore {
 public:
  explicit BoundedSemaphore(unsigned keys) : Semaphore(keys), most_(keys) {}

  using Semaphore::acquire;
  using Semaphore::keys;
  using Semaphore::try_acquire;
  // Errno::overflow, and nothing changes, if all keys are there already.
  Result<> release();

 private:
  const unsigned most_;
};

}  // namespace weft
