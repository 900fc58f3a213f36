// Stacks for kernel threads, each with a page below it that is never mapped: who overruns the stack
// faults there instead of writing over somebody else's memory.
//
//     slot n                                     slot n+1
//   | guard | stack: grows down <------- | note | guard | ...
//           ^ base                       ^ base + size
//
// A pool keeps released stacks ready, so that most threads cost no mapping. The note at the top is
// the pool's own. The tricky part is taking stacks away: a frame is free only after no CPU can use a
// stale mapping of it, so they go in batches with one flush for all.
#pragma once

#include <optional>

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::mm {

inline constexpr size_t k_stack_pages = 4;

struct KernelStack {
  void* base = nullptr;
  size_t size = 0;
};

struct StackStats {
  size_t live = 0;    // stacks that somebody has
  size_t pooled = 0;  // ready for the next thread
};

// Errno::nomem if there is no memory; Errno::again if there are k_most_stacks already. Interrupts are
// on and no spin lock is held: it may have to flush.
Result<KernelStack> allocate_kernel_stack();
inline constexpr size_t k_most_stacks = 65'536;
// Nobody runs on the stack any more. Interrupts are on and no spin lock is held.
void release_kernel_stack(const KernelStack& stack);
// The stack with this base.
KernelStack stack_at(void* base);

// Unmaps all stacks of the pool and frees their frames. Interrupts are on and no spin lock is held.
void trim_kernel_stacks();
StackStats stack_stats();

// For a fault at this address: the stack whose guard page it hit, if any. Any context, even a panic's:
// it never waits, and knows no answer while another CPU changes the set of stacks.
std::optional<KernelStack> stack_guard_owner(VirtAddr fault);

}  // namespace weft::mm
