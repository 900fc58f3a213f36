// mutex, lock_guard, unique_lock: one thread at a time. Names and behaviour are the standard's.
#pragma once

#include <utility>

#include "core/base/annotations.hh"
#include "core/base/assert.hh"
#include "userlib/base/lock.hh"

namespace weft {

class CAPABILITY("mutex") mutex {
 public:
  constexpr mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS { lock_.lock(); }
  bool try_lock() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS { return lock_.try_lock(); }
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS { lock_.unlock(); }

 private:
  Lock lock_;
};

template <typename Mutex>
class SCOPED_CAPABILITY lock_guard {
 public:
  explicit lock_guard(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~lock_guard() RELEASE() { mutex_.unlock(); }
  lock_guard(const lock_guard&) = delete;
  lock_guard& operator=(const lock_guard&) = delete;

 private:
  Mutex& mutex_;
};

// A lock that can be let go and taken again, as a condition variable does. Whether it is held is known
// only while the program runs, so the compiler's analysis leaves it alone.
template <typename Mutex>
class unique_lock {
 public:
  explicit unique_lock(Mutex& mutex) : mutex_(&mutex) { lock(); }
  unique_lock(unique_lock&& other) noexcept
      : mutex_(std::exchange(other.mutex_, nullptr)), owns_(std::exchange(other.owns_, false)) {}
  unique_lock(const unique_lock&) = delete;
  unique_lock& operator=(const unique_lock&) = delete;
  ~unique_lock() {
    if (owns_) unlock();
  }

  void lock() NO_THREAD_SAFETY_ANALYSIS {
    ASSERT(!owns_, "a lock is taken once");
    mutex_->lock();
    owns_ = true;
  }
  bool try_lock() NO_THREAD_SAFETY_ANALYSIS { return owns_ = mutex_->try_lock(); }
  void unlock() NO_THREAD_SAFETY_ANALYSIS {
    ASSERT(owns_, "only a held lock is let go");
    owns_ = false;
    mutex_->unlock();
  }
  bool owns_lock() const { return owns_; }

 private:
  Mutex* mutex_;
  bool owns_ = false;
};

}  // namespace weft
