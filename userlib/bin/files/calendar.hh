// Dates from seconds since 1970, in universal time.
#pragma once

#include <cstdint>

namespace weft {

struct CalendarTime {
  int64_t year;
  unsigned month;  // 1 to 12
  unsigned day;    // 1 to 31
  unsigned hour;
  unsigned minute;
  unsigned second;
  unsigned weekday;  // 0 is Sunday
};

CalendarTime calendar_time(int64_t seconds);

inline constexpr const char* k_month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
inline constexpr const char* k_day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

}  // namespace weft
