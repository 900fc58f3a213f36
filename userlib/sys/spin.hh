// Waiting without sleeping, for what another CPU is about to do.
#pragma once

#include <cstdint>

namespace weft::sys {

// Tells the CPU (and an emulator) that this is a loop that waits.
inline void relax() { __builtin_ia32_pause(); }

// A little while between two looks for what need not come: that many pauses, of some 30 ns.
inline void linger(uint32_t pauses) {
  for (uint32_t i = 0; i < pauses; ++i) relax();
}

// How many CPUs this process may use.
uint32_t cpu_count();
// Whether another CPU can be at work while this one waits: with one CPU, waiting only keeps away whom
// we wait for.
inline bool has_other_cpus() { return cpu_count() > 1; }

}  // namespace weft::sys
