// event: something that has happened, or not yet. Any number of threads wait for it.
#pragma once

#include <chrono>
#include <cstdint>

#include "userlib/base/clock.hh"
#include "userlib/sys/futex.hh"

namespace weft {

// One word: whether it is set, whether somebody may be asleep, and how often it was set. Whoever
// waits when it is set goes on, even if it is cleared before that thread gets to look: the count tells.
class event {
 public:
  constexpr explicit event(bool is_set = false) : word_(is_set ? k_set : 0) {}
  event(const event&) = delete;
  event& operator=(const event&) = delete;

  bool is_set() const { return (word_.load(acquire) & k_set) != 0; }

  // All that wait go on, and all that come later do not wait, until clear().
  void set() {
    uint32_t seen = word_.load(relaxed);
    while (!word_.compare_exchange(seen, after_set(seen), release)) {
    }
    if ((seen & k_sleepers) != 0) futex::wake_all(word_);
  }
  void clear() { word_.fetch_and(~k_set, acq_rel); }

  void wait() { (void)wait_until_instant(k_never); }
  // Whether it has happened in time.
  template <typename Rep, typename Period>
  bool wait_for(const std::chrono::duration<Rep, Period>& duration) {
    return wait_until_instant(instant_after(duration));
  }
  template <typename Clock, typename Duration>
  bool wait_until(const std::chrono::time_point<Clock, Duration>& time) {
    return wait_until_time(time, [this](Instant deadline) { return wait_until_instant(deadline); });
  }

 private:
  static constexpr uint32_t k_set = 1;
  static constexpr uint32_t k_sleepers = 2;
  static constexpr uint32_t k_flags = k_set | k_sleepers;
  static constexpr uint32_t k_one = 4;  // of the count, above the flags

  // Nobody sleeps while it is set. Even if nothing changes, the write publishes what came before it.
  static uint32_t after_set(uint32_t seen) {
    return (seen & k_set) != 0 ? seen : ((seen & ~k_flags) + k_one) | k_set;
  }

  bool wait_until_instant(Instant deadline) {
    uint32_t seen = word_.load(acquire);
    const uint32_t times = seen & ~k_flags;
    while ((seen & k_set) == 0 && (seen & ~k_flags) == times) {
      if ((seen & k_sleepers) == 0 && !word_.compare_exchange(seen, seen | k_sleepers, acquire))
        continue;
      if (!futex::wait_until(word_, times | k_sleepers, deadline)) return false;
      seen = word_.load(acquire);
    }
    return true;
  }

  Atomic<uint32_t> word_;
};

}  // namespace weft
