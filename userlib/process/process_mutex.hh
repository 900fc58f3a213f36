// process_mutex: a mutex in memory that several processes share. It is robust: when its owner dies with
// it, in whatever way, the next one gets it, and is told.
//
//   switch (mutex.acquire()) {
//     case lock_status::acquired: break;
//     case lock_status::owner_died: repair(data); mutex.make_consistent(); break;
//     ...
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/annotations.hh"
#include "userlib/base/clock.hh"
#include "userlib/process/robust_list.hh"

namespace weft {

enum class lock_status {
  acquired,
  owner_died,       // acquired, too; but what it guards may be half changed
  timed_out,        // not acquired
  not_recoverable,  // not acquired, and never will be: it was let go without make_consistent()
};

class CAPABILITY("mutex") process_mutex {
 public:
  constexpr process_mutex() = default;
  process_mutex(const process_mutex&) = delete;
  process_mutex& operator=(const process_mutex&) = delete;

  // Throws Errno::deadlk (see sys/exit.hh) if this thread holds it already.
  lock_status acquire() { return acquire_until_instant(k_never); }
  template <typename Rep, typename Period>
  lock_status acquire_for(const std::chrono::duration<Rep, Period>& duration) {
    return acquire_until_instant(instant_after(duration));
  }
  lock_status acquire_until_instant(Instant deadline);

  // For guards, when the data can stand an owner's death: see owner_died(). Throws Errno::io if it is
  // not recoverable.
  void lock() ACQUIRE();
  bool try_lock() TRY_ACQUIRE(true);
  // As try_lock(), within that time.
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration) TRY_ACQUIRE(true) {
    return lock_until_instant(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) TRY_ACQUIRE(true) {
    return wait_until_time(time, [this](Instant deadline) { return lock_until_instant(deadline); });
  }
  void unlock() RELEASE();

  // For the owner: the one before died, and nobody has said yet that the data is right again.
  bool owner_died() const { return is_inconsistent_; }
  void make_consistent() { is_inconsistent_ = false; }

 private:
  lock_status accept(uint32_t seen);
  bool lock_until_instant(Instant deadline) NO_THREAD_SAFETY_ANALYSIS;

  detail::RobustLock robust_;
  bool is_inconsistent_ = false;  // belongs to the owner
};

}  // namespace weft
