// Programs' side of the CPU: how they enter the kernel, and what they keep in the CPU beside their
// general registers. entry.S has the way in and out.
#pragma once

#include <cstdint>

namespace weft::x86 {

// This CPU can run programs: SYSCALL leads to entry.S, floating point is on.
void start_user_mode();
// Which components of the floating-point state XSAVE saves; 0: the CPU has only FXSAVE. And how many
// bytes it is.
uint32_t floating_point_components();
uint32_t floating_point_size();

}  // namespace weft::x86
