// Semaphores: the kitchen with n keys. counting_semaphore and binary_semaphore are the standard's;
// bounded_semaphore refuses a key that was never handed out.
#pragma once

#include <chrono>
#include <cstddef>

#include "core/base/assert.hh"
#include "userlib/base/clock.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/futex.hh"

namespace weft {
namespace detail {

// A count and a mark in one word, so that release() touches nothing any more once its count can be
// seen: the semaphore may be gone by then.
//
// The mark says that somebody may be asleep. release() takes it away and wakes; whoever has slept puts
// it back when it takes a key, since others may be asleep, and wakes the next if there are more keys.
// So at any time: if somebody sleeps and there is a key, then there is also the mark, or somebody who
// was woken and is on the way.
//
// Scope says who may wait: the threads of this process, or of all that share the memory.
template <typename Scope>
class Semaphore {
 public:
  static constexpr uint32_t k_most = (uint32_t{1} << 31) - 1;

  constexpr explicit Semaphore(uint32_t count) : word_(count) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  bool try_acquire() {
    uint32_t seen = word_.load(relaxed);
    while ((seen & k_most) > 0) {
      if (word_.compare_exchange(seen, seen - 1, weft::acquire)) return true;
    }
    return false;
  }
  // False when the time is over.
  bool acquire_until(Instant deadline) { return try_acquire() || acquire_slowly(deadline); }
  // False if there were more than `most` then; nothing has changed.
  bool release(uint32_t amount, uint32_t most) {
    uint32_t seen = word_.load(relaxed);
    do {
      const uint32_t count = seen & k_most;
      if (amount > most || count > most - amount) return false;
    } while (!word_.compare_exchange(seen, (seen & k_most) + amount, weft::release));
    if ((seen & k_sleepers) != 0) [[unlikely]]
      Scope::wake(word_, amount);
    return true;
  }

 private:
  static constexpr uint32_t k_sleepers = uint32_t{1} << 31;

  bool take_after_sleep();
  bool acquire_slowly(Instant deadline);

  Atomic<uint32_t> word_;
};

// The standard's semaphore, in one scope or the other.
template <typename Scope, ptrdiff_t k_least_max>
class BasicSemaphore {
  static_assert(k_least_max >= 0 && k_least_max <= Semaphore<Scope>::k_most);

 public:
  static constexpr ptrdiff_t max() { return k_least_max; }

  constexpr explicit BasicSemaphore(ptrdiff_t count) : semaphore_(static_cast<uint32_t>(count)) {
    ASSERT(count >= 0 && count <= max(), "a semaphore begins with a count that it can have");
  }

  void acquire() { (void)semaphore_.acquire_until(k_never); }
  bool try_acquire() { return semaphore_.try_acquire(); }
  template <typename Rep, typename Period>
  bool try_acquire_for(const std::chrono::duration<Rep, Period>& duration) {
    return semaphore_.acquire_until(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& time) {
    return wait_until_time(time,
                           [this](Instant deadline) { return semaphore_.acquire_until(deadline); });
  }
  void release(ptrdiff_t amount = 1) {
    const bool fits =
        amount >= 0 && amount <= max() &&
        semaphore_.release(static_cast<uint32_t>(amount), static_cast<uint32_t>(max()));
    ASSERT(fits, "a semaphore's count stays within its maximum");
  }

 private:
  Semaphore<Scope> semaphore_;
};

}  // namespace detail

template <ptrdiff_t k_least_max = detail::Semaphore<futex::Private>::k_most>
class counting_semaphore : public detail::BasicSemaphore<futex::Private, k_least_max> {
 public:
  using detail::BasicSemaphore<futex::Private, k_least_max>::BasicSemaphore;
};

counting_semaphore(ptrdiff_t) -> counting_semaphore<>;

using binary_semaphore = counting_semaphore<1>;

// What it starts with is what it may have at most: a release too many is a mistake, and told.
class bounded_semaphore {
 public:
  constexpr explicit bounded_semaphore(ptrdiff_t count)
      : semaphore_(static_cast<uint32_t>(count)), most_(static_cast<uint32_t>(count)) {
    ASSERT(count >= 0 && count <= detail::Semaphore<futex::Private>::k_most,
           "a semaphore begins with a count that it can have");
  }

  void acquire() { (void)semaphore_.acquire_until(k_never); }
  bool try_acquire() { return semaphore_.try_acquire(); }
  template <typename Rep, typename Period>
  bool try_acquire_for(const std::chrono::duration<Rep, Period>& duration) {
    return semaphore_.acquire_until(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& time) {
    return wait_until_time(time,
                           [this](Instant deadline) { return semaphore_.acquire_until(deadline); });
  }
  // False, and nothing has changed, if that is more than was acquired.
  [[nodiscard]] bool try_release(ptrdiff_t amount = 1) {
    return amount >= 0 && amount <= most_ &&
           semaphore_.release(static_cast<uint32_t>(amount), most_);
  }
  // The same, but throws Errno::overflow (see sys/exit.hh).
  void release(ptrdiff_t amount = 1) {
    if (!try_release(amount))
      throw_error(Errno::overflow, "a semaphore got back more than it gave");
  }

 private:
  detail::Semaphore<futex::Private> semaphore_;
  const uint32_t most_;
};

}  // namespace weft
