// The two machines that scenarios run on.
#pragma once

#include "explore/engine/engine.hh"

namespace weft::explore {

// Threads without a kernel; no hal calls but relax().
const Machine& bare_machine();
// CPUs that run kernel/core. The director is the first thread, on CPU 0, which it keeps to itself; the
// scenario's CPUs are 1, 2, ...
const Machine& kernel_machine();

}  // namespace weft::explore
