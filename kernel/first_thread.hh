// Where the kernel's start-up ends and its use begins. Defined by kernel/monitor/, or by tests/kernel/
// in the kernel that runs the self-tests; whichever is linked.
#pragma once

namespace weft {

// Runs as the first thread, on any CPU, with everything there: memory, threads, all CPUs, console.
// When it returns, the machine goes on with whatever other threads there are.
void first_thread();

}  // namespace weft
