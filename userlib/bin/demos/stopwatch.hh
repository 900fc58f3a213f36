// Stopwatch: what a piece of work took: time on the wall, and time of a CPU.
#pragma once

#include "core/base/types.hh"
#include "userlib/syscalls.hh"

namespace weft {

class Stopwatch {
 public:
  Instant elapsed() const { return read(abi::k_clock_monotonic) - started_; }
  Instant worked() const { return read(abi::k_clock_process_cputime_id) - worked_before_; }

 private:
  static Instant read(uint32_t clock) {
    abi::Timespec time{};
    (void)sys::clock_gettime(clock, &time);
    return static_cast<Instant>(time.seconds) * k_second + static_cast<Instant>(time.nanoseconds);
  }

  Instant started_ = read(abi::k_clock_monotonic);
  Instant worked_before_ = read(abi::k_clock_process_cputime_id);
};

}  // namespace weft
