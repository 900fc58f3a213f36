#include "core/sched/wall_clock.hh"

namespace weft::sched {

constinit Nanoseconds detail::boot_date = 0;

void set_wall_clock(uint64_t seconds) {
  const Nanoseconds date = seconds * k_second;
  const Instant now = hal::now();
  detail::boot_date = date > now ? date - now : 0;  // the clock may not go: then it begins at 0
}

}  // namespace weft::sched
