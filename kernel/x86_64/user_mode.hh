// Programs' side of the CPU: how they enter the kernel, and what they keep in the CPU beside their
// general registers. entry.S has the way in and out.
#pragma once

namespace weft::x86 {

// This CPU can run programs: SYSCALL leads to entry.S, floating point is on.
void start_user_mode();

}  // namespace weft::x86
