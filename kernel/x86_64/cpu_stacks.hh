// The stacks that belong to CPUs, not to threads: the one a CPU starts on, which its idle thread
// keeps, and those for double fault, NMI and machine check. Below each is a page without a mapping.
//
//   machine area:  | guard | idle | guard | double fault | guard | NMI | guard | machine check | ...
//                  '---------------------------- CPU 0 ----------------------------------------' CPU 1
//
// (The boot CPU's start stack is in the kernel image instead: it is needed before there are
// tables.)
#pragma once

#include "core/base/types.hh"
#include "x86_64/early_memory.hh"

namespace weft::x86 {

// Maps the stacks of so many CPUs, and lets the first CPU's exceptions use theirs. Once.
void make_cpu_stacks(unsigned cpus, EarlyMemory& memory);
// Where the stack that this CPU starts on ends. Not the boot CPU's.
VirtAddr start_stack_top(unsigned cpu);
// If that address is in a guard page of this CPU's stacks: which stack it guards.
const char* guarded_cpu_stack(VirtAddr address);

}  // namespace weft::x86
