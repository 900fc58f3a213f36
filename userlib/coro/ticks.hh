// Cheap time: the CPU's time stamps, which take some nanoseconds and no system call, made into the
// clock's time afterwards. Between two moments that both clocks were read at, both ran evenly.
#pragma once

#include "userlib/base/clock.hh"

namespace weft::coro {

inline uint64_t ticks_now() { return __builtin_ia32_rdtsc(); }

struct Moment {
  uint64_t ticks = 0;
  Instant instant = 0;

  static Moment now() { return {ticks_now(), instant_now()}; }
};

class TickScale {
 public:
  TickScale(const Moment& begin, const Moment& end)
      : begin_(begin),
        tick_(end.ticks <= begin.ticks
                  ? 0
                  : static_cast<uint64_t>(static_cast<double>(end.instant - begin.instant) /
                                          static_cast<double>(end.ticks - begin.ticks) * k_one)) {}

  // For time stamps from the first moment on.
  Instant instant(uint64_t ticks) const {
    const uint64_t later = ticks > begin_.ticks ? ticks - begin_.ticks : 0;
    return begin_.instant + static_cast<Instant>(Wide{later} * tick_ >> k_point);
  }

 private:
  using Wide = unsigned __int128;
  static constexpr int k_point = 32;
  static constexpr double k_one = uint64_t{1} << k_point;

  Moment begin_;
  uint64_t tick_;  // nanoseconds, with a binary point
};

}  // namespace weft::coro
