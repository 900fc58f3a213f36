// The threads of the two machines. Instrumented code includes this.
#pragma once

#include "explore/scenario.hh"

namespace weft::explore {

void add_bare_thread(const char* name, void (*entry)(void*), void* argument);

// Boots the core with so many CPUs, the director's beside; then calls first_thread() on the director.
void boot_kernel(unsigned cpus, void (*first_thread)());
void add_kernel_thread(const Stage::ThreadOptions& options, void (*entry)(void*), void* argument);
// One that is made otherwise, and not started yet: it calls wait_at_gate() and finish_body() itself.
void add_scenario_thread(Thread& thread);
// Those that the scenario has made, in that order.
unsigned scenario_thread_count();
Thread& scenario_thread(unsigned number);
// A kick or the timer comes in on the running CPU.
void take_kernel_interrupt(bool is_kick);

}  // namespace weft::explore
