// Times as system calls pass them.
#pragma once

#include <cstdint>

namespace weft::abi {

struct Timespec {
  int64_t seconds;
  int64_t nanoseconds;
};

struct Timeval {
  int64_t seconds;
  int64_t microseconds;
};

struct Timezone {
  int32_t minutes_west;
  int32_t daylight_saving;
};

// A timer: every `interval` once `value` has passed. Zero means never.
struct IntervalTimespec {
  Timespec interval;
  Timespec value;
};

struct IntervalTimeval {
  Timeval interval;
  Timeval value;
};

// CPU time used, in ticks of 1/100 s, by a process and by the children it has waited for.
struct ProcessTimes {
  int64_t user;
  int64_t system;
  int64_t children_user;
  int64_t children_system;
};

}  // namespace weft::abi
