// Time: the standard's clocks and durations, and the plain count of nanoseconds that system calls take.
//
// An Instant counts the nanoseconds of std::chrono::steady_clock, which is the kernel's
// CLOCK_MONOTONIC. Everything that waits does so up to an Instant.
#pragma once

#include <chrono>

#include "core/base/errno.hh"
#include "core/base/types.hh"

namespace weft {

inline Instant instant_now() {
  return static_cast<Instant>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// How many nanoseconds that is, rounded up: who waits does not wait less than was said. Nothing for a
// negative time, and "for ever" for one that does not fit.
template <typename Rep, typename Period>
Nanoseconds nanoseconds_of(const std::chrono::duration<Rep, Period>& duration) {
  using std::chrono::nanoseconds;
  if (duration <= duration.zero()) return 0;
  if (std::chrono::duration<double>(duration).count() > 9.2e9) return k_never;
  return static_cast<Nanoseconds>(std::chrono::ceil<nanoseconds>(duration).count());
}

// The instant that lies so far ahead.
template <typename Rep, typename Period>
Instant instant_after(const std::chrono::duration<Rep, Period>& duration) {
  const Instant now = instant_now();
  const Nanoseconds ahead = nanoseconds_of(duration);
  return ahead >= static_cast<Nanoseconds>(INT64_MAX) - now ? k_never : now + ahead;
}

// Waits for something up to a time of any clock. `wait(deadline)` waits up to an Instant and says
// whether it came; a clock that is not the steady one may be set while we wait, so it is asked again.
template <typename Clock, typename Duration, typename Wait>
bool wait_until_time(const std::chrono::time_point<Clock, Duration>& time, Wait wait) {
  for (;;) {
    if (wait(instant_after(time - Clock::now()))) return true;
    if (Clock::now() >= time) return false;
  }
}

// The same for a wait that answers with a Result: Errno::timedout when the time is over.
template <typename Clock, typename Duration, typename Wait>
auto result_until_time(const std::chrono::time_point<Clock, Duration>& time, Wait wait) {
  for (;;) {
    auto result = wait(instant_after(time - Clock::now()));
    if (result || result.error() != Errno::timedout || Clock::now() >= time) return result;
  }
}

}  // namespace weft
