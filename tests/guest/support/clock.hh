// Time in nanoseconds, for tests that something was not too early.
#pragma once

#include "guest/support/calls.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

inline long long nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

inline timespec time_of(long long nanoseconds) {
  return {static_cast<long>(nanoseconds / 1'000'000'000),
          static_cast<long>(nanoseconds % 1'000'000'000)};
}

inline long long clock_now(int clock = CLOCK_MONOTONIC) {
  timespec time{};
  sys::clock_gettime(clock, &time);
  return nanoseconds(time);
}

// How long it takes.
template <typename Body>
long long duration_of(Body&& body) {
  const long long before = clock_now();
  body();
  return clock_now() - before;
}

inline constexpr long long k_millisecond_ns = 1'000'000;

// Computes until this thread has used that much CPU time.
inline void burn_cpu(long long nanoseconds_wanted) {
  const long long end = clock_now(CLOCK_THREAD_CPUTIME_ID) + nanoseconds_wanted;
  while (clock_now(CLOCK_THREAD_CPUTIME_ID) < end) {
    for (volatile int round = 0; round < 1000; round = round + 1) {
    }
  }
}

}  // namespace weft::guest
