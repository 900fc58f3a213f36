// The front door of the room: starting it, and emptying its caches.
#pragma once

#include <span>

#include "core/base/result.hh"
#include "core/mm/page_frame.hh"

namespace weft::mm {

// Starts the kernel's memory, once, with what the machine has free. Errno::nomem if that is too
// little for its own descriptors.
Result<> init(std::span<const MemoryRegion> free_regions);

// Empties all caches, of stacks, of objects and of page frames, so that what counts as used is used.
// Interrupts are on and no spin lock is held.
void trim();

}  // namespace weft::mm
