// The machine's part of start-up, in the steps that main.cc takes.
#pragma once

#include <span>

#include "core/base/types.hh"
#include "x86_64/boot_info.hh"
#include "x86_64/smp.hh"

namespace weft {

// main.cc. Called on the boot CPU, on its start stack, with interrupts off; exceptions lead to a
// panic already, and only the boot page tables are there.
[[noreturn]] void kernel_main(const x86::BootInfo& info);

namespace x86 {

// Features of the CPU, and the kernel's page tables. Each of these steps ends with one clear line
// on the console if the machine lacks what it needs.
void start_paging(const BootInfo& info);
// ACPI, interrupt controllers, clock, timer, and stacks for `most_cpus` CPUs at most. From here on
// CPUs have their numbers, and interrupts may be let in.
void start_hardware(const BootInfo& info, unsigned most_cpus);
// The memory that nobody uses. From here on it is the caller's.
std::span<const MemoryRegion> free_memory();

}  // namespace x86
}  // namespace weft
