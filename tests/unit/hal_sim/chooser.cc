#include "unit/hal_sim/chooser.hh"

namespace weft::sim {
namespace {

// A time-out above this is safe from coming too early: a test may count on it.
constexpr Nanoseconds k_longest_stretch = 50 * k_millisecond;

}  // namespace

const char* point_name(Point point) {
  switch (point) {
    case Point::interrupts_off: return "interrupts off";
    case Point::interrupts_on: return "interrupts on";
    case Point::relax: return "relax";
    case Point::kick: return "kick";
    case Point::now: return "now";
    case Point::arm_timer: return "arm timer";
    case Point::switch_context: return "switch context";
    case Point::halt: return "halt";
    case Point::power_off: return "power off";
  }
  return "?";
}

RandomChooser::RandomChooser(uint64_t seed)
    : random_(seed),
      steps_between_changes_(uint64_t{2} << random_.below(5)),
      steps_between_jumps_(uint64_t{32} << random_.below(6)) {}

unsigned RandomChooser::next_cpu(const Moment& moment, std::span<const unsigned> able) {
  if (able.size() == 1) return able[0];
  // A busy wait always asks the others first: it waits for one of them.
  const bool stays = moment.point != Point::relax && moment.point != Point::halt &&
                     moment.point != Point::power_off && !random_.once_in(steps_between_changes_);
  return stays ? moment.cpu : able[random_.below(able.size())];
}

Nanoseconds RandomChooser::elapse(const Moment&, Nanoseconds to_deadline) {
  // Now and then a long stretch of computing that ends with the next timer.
  if (to_deadline <= k_longest_stretch && random_.once_in(steps_between_jumps_)) return to_deadline;
  return 10 + random_.below(90);
}

}  // namespace weft::sim
