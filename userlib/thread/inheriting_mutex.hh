// inheriting_mutex: its owner runs, as long as it holds it, with the highest priority of those who wait.
// So a thread of low priority that holds what one of high priority needs is not kept from the CPU by
// those in between.
//
// The word is the owner's thread number, and the kernel knows this format: it queues the waiters by
// priority, lends theirs to the owner, and hands the lock to the first. Uncontended, it stays out of it.
#pragma once

#include <chrono>

#include "core/base/annotations.hh"
#include "userlib/base/clock.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/thread_number.hh"

namespace weft {

class CAPABILITY("mutex") inheriting_mutex {
 public:
  constexpr inheriting_mutex() = default;
  inheriting_mutex(const inheriting_mutex&) = delete;
  inheriting_mutex& operator=(const inheriting_mutex&) = delete;

  // Throws Errno::deadlk (see sys/exit.hh) if this thread holds it already, or waits in a ring.
  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS {
    if (!take()) [[unlikely]]
      (void)lock_slowly(k_never);
  }
  bool try_lock() TRY_ACQUIRE(true) { return take(); }
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration) TRY_ACQUIRE(true) {
    return take() || lock_slowly(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) TRY_ACQUIRE(true) {
    return take() ||
           wait_until_time(time, [this](Instant deadline) { return lock_slowly(deadline); });
  }
  void unlock() RELEASE() {
    auto own = static_cast<uint32_t>(sys::thread_number());
    if (!word_.compare_exchange(own, 0, release)) [[unlikely]]
      unlock_slowly();
  }

 private:
  bool take() {
    uint32_t seen = 0;
    return word_.compare_exchange(seen, static_cast<uint32_t>(sys::thread_number()), acquire);
  }
  bool lock_slowly(Instant deadline);
  void unlock_slowly();

  Atomic<uint32_t> word_{0};
};

}  // namespace weft
