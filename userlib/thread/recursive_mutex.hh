// recursive_mutex and recursive_timed_mutex: whoever holds one may take it again, and lets it go as often.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/annotations.hh"
#include "core/base/assert.hh"
#include "userlib/sys/thread_number.hh"
#include "userlib/thread/mutex.hh"

namespace weft {
namespace detail {

// Over a mutex: who holds it, and how often. Only the owner writes these; another thread may read
// `owner_` at any time, but never finds its own number there.
template <typename Mutex>
class Recursive : protected Mutex {
 public:
  constexpr Recursive() = default;

  void lock() NO_THREAD_SAFETY_ANALYSIS {
    if (enter_again()) return;
    Mutex::lock();
    enter();
  }
  bool try_lock() NO_THREAD_SAFETY_ANALYSIS {
    if (enter_again()) return true;
    if (!Mutex::try_lock()) return false;
    enter();
    return true;
  }
  void unlock() NO_THREAD_SAFETY_ANALYSIS {
    ASSERT(owner_.load(relaxed) == sys::thread_number(), "a mutex is let go by its owner");
    if (--depth_ > 0) return;
    owner_.store(0, relaxed);
    Mutex::unlock();
  }

 protected:
  bool enter_again() {
    if (owner_.load(relaxed) != sys::thread_number()) return false;
    ++depth_;
    return true;
  }
  void enter() {
    owner_.store(sys::thread_number(), relaxed);
    depth_ = 1;
  }

 private:
  Atomic<int32_t> owner_{0};
  uint32_t depth_ = 0;
};

}  // namespace detail

class CAPABILITY("mutex") recursive_mutex : detail::Recursive<mutex> {
 public:
  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS { Recursive::lock(); }
  bool try_lock() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS { return Recursive::try_lock(); }
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS { Recursive::unlock(); }
};

class CAPABILITY("mutex") recursive_timed_mutex : detail::Recursive<timed_mutex> {
 public:
  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS { Recursive::lock(); }
  bool try_lock() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS { return Recursive::try_lock(); }
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS { Recursive::unlock(); }
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration)
      TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    if (enter_again()) return true;
    if (!timed_mutex::try_lock_for(duration)) return false;
    enter();
    return true;
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time)
      TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    if (enter_again()) return true;
    if (!timed_mutex::try_lock_until(time)) return false;
    enter();
    return true;
  }
};

}  // namespace weft
