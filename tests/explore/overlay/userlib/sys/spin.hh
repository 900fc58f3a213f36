// In the place of userlib/sys/spin.hh, in the explorer's build: a busy wait lets others go on.
#pragma once

#include <cstdint>

#include "core/hal.hh"

namespace weft::sys {

inline void relax() { hal::relax(); }
// A look need not find anything, so time that passes before the next one makes no difference.
inline void linger(uint32_t) {}
// Nor does time pass between two looks, so looks are counted.
class SpinTime {
 public:
  bool is_over() { return --looks_ == 0; }

 private:
  static constexpr uint32_t k_looks = 4;
  uint32_t looks_ = k_looks;
};
// Spinning before sleeping would hide most of the sleeping: whoever spins here goes on when it may. A scenario that
// is about the spinning says 2.
inline constinit uint32_t cpus = 1;
inline uint32_t cpu_count() { return cpus; }
inline bool has_other_cpus() { return cpus > 1; }

}  // namespace weft::sys
