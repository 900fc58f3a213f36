// Chooser: whatever is not determined in a simulated machine is one of its answers. The random one
// makes a run repeatable from its seed; a search over all interleavings is another Chooser.
#pragma once

#include <span>

#include "core/base/types.hh"
#include "unit/support/random.hh"

namespace weft::sim {

// Where the running CPU is when it asks: just before it does this.
enum class Point {
  interrupts_off,
  interrupts_on,
  relax,
  kick,
  now,
  arm_timer,
  switch_context,
  halt,
  power_off,
};
const char* point_name(Point point);

struct Moment {
  Point point;
  unsigned cpu;   // that asks
  uint64_t step;  // how many steps this machine has made
};

class Chooser {
 public:
  virtual ~Chooser() = default;

  // The CPU that makes the next step: one of `able`, which is in ascending order and never empty.
  // moment.cpu is among them unless it halts.
  virtual unsigned next_cpu(const Moment& moment, std::span<const unsigned> able) = 0;
  // How far the clock goes on with this step. `to_deadline`: when the first timer of all CPUs
  // would fire (0: it is due already; k_never: none is armed).
  virtual Nanoseconds elapse(const Moment& moment, Nanoseconds to_deadline) = 0;
};

// Chooses by a seed. A part of the seeds makes a CPU go on for long, a part lets them alternate.
class RandomChooser final : public Chooser {
 public:
  explicit RandomChooser(uint64_t seed);
  unsigned next_cpu(const Moment& moment, std::span<const unsigned> able) override;
  Nanoseconds elapse(const Moment& moment, Nanoseconds to_deadline) override;

 private:
  host::Random random_;
  uint64_t steps_between_changes_;
  uint64_t steps_between_jumps_;
};

}  // namespace weft::sim
