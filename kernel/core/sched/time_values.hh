// Between nanoseconds and the structures in which system calls pass times.
#pragma once

#include "core/abi/time.hh"
#include "core/base/types.hh"

namespace weft::sched {

constexpr abi::Timespec to_timespec(Nanoseconds time) {
  const uint64_t seconds = time / k_second;
  return {static_cast<int64_t>(seconds), static_cast<int64_t>(time - seconds * k_second)};
}
constexpr abi::Timeval to_timeval(Nanoseconds time) {
  const abi::Timespec exact = to_timespec(time);
  return {exact.seconds, exact.nanoseconds / 1'000};
}

// It can be a duration, or a date that is not before the beginning of time.
constexpr bool is_valid(const abi::Timespec& time) {
  return time.seconds >= 0 && static_cast<uint64_t>(time.nanoseconds) < k_second;
}
constexpr bool is_valid(const abi::Timeval& time) {
  return time.seconds >= 0 && static_cast<uint64_t>(time.microseconds) < 1'000'000;
}

// Of a valid one. Whatever is farther away than 290 years is as good as never; it is cut there, so
// that a date can be added to a duration.
inline constexpr Nanoseconds k_farthest = k_never / 2;
constexpr Nanoseconds to_nanoseconds(const abi::Timespec& time) {
  const auto seconds = static_cast<uint64_t>(time.seconds);
  if (seconds >= k_farthest / k_second) return k_farthest;
  return seconds * k_second + static_cast<uint64_t>(time.nanoseconds);
}
constexpr Nanoseconds to_nanoseconds(const abi::Timeval& time) {
  return to_nanoseconds(abi::Timespec{time.seconds, time.microseconds * 1'000});
}

}  // namespace weft::sched
