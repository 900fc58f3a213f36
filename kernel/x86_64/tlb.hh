// Stale mappings: each CPU keeps copies of page table entries (in its TLB), and nobody but itself
// can throw them away. hal::flush_kernel() asks all CPUs to do so and waits until they have.
#pragma once

namespace weft::x86 {

// Does what was asked of this CPU, if anything was. Interrupts are off.
void answer_flush();

}  // namespace weft::x86
