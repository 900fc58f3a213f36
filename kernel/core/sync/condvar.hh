// CondVar: waits until something about the data under a mutex has changed.
//   MutexGuard guard(mutex);
//   while (!condition()) changed.wait(mutex);      // `while`: another thread may have been faster
#pragma once

#include "core/sched/wait_queue.hh"
#include "core/sync/mutex.hh"

namespace weft {

class CondVar {
 public:
  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  // Lets the mutex go, waits for a notify, takes the mutex again. A notify that comes after the
  // mutex was let go is not missed.
  void wait(Mutex& mutex) REQUIRES(mutex);
  // Errno::timedout or Errno::intr as the limit says; the mutex is held again in every case.
  Result<> wait(Mutex& mutex, WaitLimit limit) REQUIRES(mutex);

  // Wakes the longest waiter, or all. Any context, with or without the mutex.
  void notify_one();
  void notify_all();

 private:
  SpinLock lock_{Rank::wait_queue};
  WaitQueue waiters_ GUARDED_BY(lock_){lock_};
};

}  // namespace weft
