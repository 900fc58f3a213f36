// Starting all CPUs but the first.
#pragma once

#include "x86_64/early_memory.hh"

namespace weft::x86 {

// Gives every CPU its number: the boot CPU is 0, then come the others in the firmware's order, as
// many as `most` in all. Returns how many there are. From here on hal::cpu_count() says so.
unsigned number_cpus(unsigned most);

// Starts the other CPUs, all at once, and waits until they run: each ends in
// upcall::on_cpu_start(). On the boot CPU, when everything that a CPU needs is there.
void start_other_cpus();

}  // namespace weft::x86
