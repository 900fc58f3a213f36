#include "userlib/bin/files/calendar.hh"

namespace weft {

// Years are counted from March, so that the leap day comes last, in eras of 400 years, after which the
// calendar repeats.
CalendarTime calendar_time(int64_t seconds) {
  constexpr int64_t k_day = 86400;
  constexpr int64_t k_days_per_era = 146097;
  constexpr int64_t k_days_before_1970 = 719468;  // from 1 March of year 0
  int64_t day = seconds / k_day;
  int64_t rest = seconds % k_day;
  if (rest < 0) {
    rest += k_day;
    --day;
  }
  const int64_t shifted = day + k_days_before_1970;
  const int64_t era = (shifted >= 0 ? shifted : shifted - k_days_per_era + 1) / k_days_per_era;
  const int64_t day_of_era = shifted - era * k_days_per_era;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto month =
      static_cast<unsigned>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
          .month = month,
          .day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1),
          .hour = static_cast<unsigned>(rest / 3600),
          .minute = static_cast<unsigned>(rest / 60 % 60),
          .second = static_cast<unsigned>(rest % 60),
          .weekday = static_cast<unsigned>(((day + 4) % 7 + 7) % 7)};
}

}  // namespace weft
