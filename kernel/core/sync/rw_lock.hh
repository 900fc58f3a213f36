// RwLock: many readers or one writer. Served in the order of arrival: a reader that comes while a
// writer waits queues behind it, so writers do not starve; and the readers behind a writer all go
// in together after it, so readers do not starve either.
#pragma once

#include "core/base/annotations.hh"
#include "core/sched/wait_queue.hh"

namespace weft {

class CAPABILITY("reader-writer lock") RwLock {
 public:
  explicit RwLock(Rank rank) : rank_(rank) {}
  RwLock(const RwLock&) = delete;
  RwLock& operator=(const RwLock&) = delete;

  // All may block but try_ and unlock.
  void lock() ACQUIRE();
  bool try_lock() TRY_ACQUIRE(true);
  void unlock() RELEASE();
  void lock_shared() ACQUIRE_SHARED();
  bool try_lock_shared() TRY_ACQUIRE_SHARED(true);
  void unlock_shared() RELEASE_SHARED();

 private:
  struct Claim;

  void wait_in_line(Claim& claim) REQUIRES(state_);
  void admit_next() REQUIRES(state_);

  SpinLock state_{Rank::wait_queue};
  WaitQueue line_ GUARDED_BY(state_){state_};
  unsigned readers_ GUARDED_BY(state_) = 0;
  Thread* writer_ GUARDED_BY(state_) = nullptr;
  Rank rank_;
};

}  // namespace weft
