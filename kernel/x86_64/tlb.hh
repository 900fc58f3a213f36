// Stale mappings: each CPU keeps copies of page table entries (in its TLB), and nobody but itself
// can throw them away. hal::flush_kernel() asks all CPUs to do so and waits until they have.
#pragma once

namespace weft::x86 {

// Another CPU asks this one for something. Interrupts are off.
void on_flush_interrupt();
// This CPU takes part from now on. It has just been marked as online; interrupts are off.
void join_flushes();

}  // namespace weft::x86
