// Waiting without sleeping, for what another CPU is about to do.
#pragma once

#include <cstdint>

namespace weft::sys {

// Tells the CPU (and an emulator) that this is a loop that waits.
inline void relax() { __builtin_ia32_pause(); }

// A little while between two looks for what need not come.
inline void linger() {
  for (int i = 0; i < 32; ++i) relax();
}

// Whether another CPU can be at work while this one waits: with one CPU, waiting only keeps away whom
// we wait for.
bool has_other_cpus();

}  // namespace weft::sys
