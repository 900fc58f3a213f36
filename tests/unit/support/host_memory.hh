// The memory of a host machine: a file in memory stands for the physical memory. It is mapped once
// as the direct map; map_kernel() maps single pages of it a second time, in an area where
// everything else faults, so that guard pages are real.
#pragma once

#include <cstddef>

#include "core/base/types.hh"

namespace weft::host {

// Physical memory starts here, not at 0: an address that lost its start is found out.
inline constexpr PhysAddr k_memory_base{0x10'0000};

// Empty memory of that size, nothing mapped in the kernel's area. At most k_largest_memory.
inline constexpr size_t k_largest_memory = size_t{4} << 30;
void reset_memory(size_t size);
size_t memory_size();

// How many pages map_kernel() has placed and unmap_kernel() has not taken away.
size_t mapped_pages();

}  // namespace weft::host
