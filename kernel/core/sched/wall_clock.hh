// The clock on the wall: what time it is outside. The machine tells it once, at boot; from then on it
// goes as hal::now() does, and nobody sets it.
#pragma once

#include "core/hal.hh"

namespace weft::sched {

namespace detail {
extern Nanoseconds boot_date;
}

// It is so many seconds after the beginning of 1970 now. Once, at boot.
void set_wall_clock(uint64_t seconds);
// When hal::now() was 0, in nanoseconds after the beginning of 1970.
inline Nanoseconds boot_date() { return detail::boot_date; }
// The date, then and now.
inline Nanoseconds date_of(Instant instant) { return detail::boot_date + instant; }
inline Nanoseconds real_time() { return date_of(hal::now()); }

}  // namespace weft::sched
