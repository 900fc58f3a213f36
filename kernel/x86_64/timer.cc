#include "x86_64/timer.hh"

#include <algorithm>

#include "core/hal.hh"
#include "x86_64/clock.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/features.hh"
#include "x86_64/local_apic.hh"

namespace weft::x86 {
namespace {

// Counts of the local APIC's timer for each nanosecond, times 2^32.
constinit uint64_t counts_per_nanosecond = 0;

// The longest time that fits into the timer's 32 bits is about four seconds; for a later deadline
// the timer is set several times.
uint32_t counts_until(Instant deadline) {
  constexpr Nanoseconds k_longest = k_second;
  const Instant now = hal::now();
  const Nanoseconds wait = deadline > now ? std::min(deadline - now, k_longest) : 0;
  return static_cast<uint32_t>(wait * counts_per_nanosecond >> 32) + 1;
}

void set_timer(Instant deadline) {
  if (features.tsc_deadline) {
    write_deadline(deadline == k_never ? 0 : time_stamp_of(deadline));
  } else {
    start_count(deadline == k_never ? 0 : counts_until(deadline));
  }
}

}  // namespace

void start_timer() {
  counts_per_nanosecond = (timer_hertz() << 32) / k_second;
  if (features.tsc_deadline) use_deadline_mode();
}

void on_timer_interrupt(bool from_user_mode) {
  Instant& deadline = own_cpu_block().timer_deadline;
  if (deadline == k_never) return;  // it was taken away when the interrupt was on its way already
  if (hal::now() < deadline) {
    set_timer(deadline);
    return;
  }
  deadline = k_never;
  upcall::on_timer(from_user_mode);
}

}  // namespace weft::x86

void weft::hal::arm_timer(Instant deadline) {
  using namespace x86;
  WEFT_OWN_FIELD(timer_deadline) = deadline;
  set_timer(deadline);
}
