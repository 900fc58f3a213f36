// The real-time clock: what time it is outside. Read once, at boot.
#pragma once

#include <cstdint>

namespace weft::dev {

struct Date {
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

// The clock's date and time, which are universal time by custom. All zero if there is no clock.
Date read_rtc();
// Seconds since 1970-01-01 00:00:00.
uint64_t unix_time(const Date& date);

}  // namespace weft::dev
