// Deadlines on the scheduler's clock, from the standard's durations and times. Whoever waits uses this.
#pragma once

#include <chrono>

#include "userlib/base/clock.hh"
#include "userlib/coro/park.hh"

namespace weft::coro {

// So far from now; for ever, if that is further than the clock goes.
inline Instant deadline_after(Nanoseconds ahead) {
  const Instant start = now();
  return ahead >= k_never - start ? k_never : start + ahead;
}
template <typename Rep, typename Period>
Instant deadline_after(const std::chrono::duration<Rep, Period>& duration) {
  return deadline_after(nanoseconds_of(duration));
}

// The same for a time of any clock. (One that is set while somebody waits is not asked again.)
template <typename Clock, typename Duration>
Instant deadline_at(const std::chrono::time_point<Clock, Duration>& time) {
  return deadline_after(time - Clock::now());
}

}  // namespace weft::coro
