// mutex and timed_mutex: one thread at a time. Names and behaviour are the standard's.
//
// Three states in one word (U. Drepper, "Futexes Are Tricky", mutex 2): free, held, held with threads
// asleep. Only a thread that found it held writes `contended`, so an unlock that finds `held` knows
// that nobody sleeps, and makes no system call. Before a thread sleeps it watches the word for a
// while, as long as that has paid with this mutex (mutex.cc).
#pragma once

#include <chrono>

#include "core/base/annotations.hh"
#include "core/base/assert.hh"
#include "userlib/base/clock.hh"
#include "userlib/sys/futex.hh"
#include "userlib/thread/lock.hh"

namespace weft {

class CAPABILITY("mutex") mutex {
 public:
  constexpr mutex() = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;

  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS {
    if (!try_lock()) [[unlikely]]
      (void)lock_slowly(k_never);
  }
  bool try_lock() TRY_ACQUIRE(true) {
    // lab:futex begin 3
    uint32_t seen = k_free;
    return state_.compare_exchange(seen, k_held, acquire);
    // lab:futex stub: panic("not implemented: lab futex, part 3");
    // lab:futex end
  }
  void unlock() RELEASE() {
    // lab:futex begin 3
    if (state_.exchange(k_free, release) == k_contended) [[unlikely]]
      futex::wake_one(state_);
    // lab:futex stub: panic("not implemented: lab futex, part 3");
    // lab:futex end
  }

 protected:
  // False when the time was over first.
  bool lock_until_instant(Instant deadline) NO_THREAD_SAFETY_ANALYSIS {
    return try_lock() || lock_slowly(deadline);
  }

 private:
  static constexpr uint32_t k_free = 0;
  static constexpr uint32_t k_held = 1;
  static constexpr uint32_t k_contended = 2;

  bool lock_slowly(Instant deadline) NO_THREAD_SAFETY_ANALYSIS;
  bool spin() NO_THREAD_SAFETY_ANALYSIS;

  Atomic<uint32_t> state_{k_free};
  Atomic<uint32_t> usual_spins_{0};  // how many turns it took, lately, to see this mutex free
};

class CAPABILITY("mutex") timed_mutex : public mutex {
 public:
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration) TRY_ACQUIRE(true) {
    return lock_until_instant(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time) TRY_ACQUIRE(true) {
    return wait_until_time(time, [this](Instant deadline) { return lock_until_instant(deadline); });
  }
};

}  // namespace weft
