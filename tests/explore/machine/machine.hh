// The two machines that scenarios run on.
#pragma once

#include "explore/engine/engine.hh"
#include "explore/scenario.hh"

namespace weft::explore {

// Bare threads: no kernel; hal calls are not to be made.
const Machine& bare_machine();
void add_bare_thread(const char* name, void (*entry)(void*), void* argument);

// CPUs that run kernel/core. The director is the first thread, on CPU 0, which it keeps to itself; the
// scenario's CPUs are 1, 2, ...
const Machine& kernel_machine();
// Boots the core with so many CPUs, the director's beside; then calls first_thread() on the director.
void boot_kernel(unsigned cpus, void (*first_thread)());
void add_kernel_thread(const Stage::ThreadOptions& options, void (*entry)(void*), void* argument);

}  // namespace weft::explore
