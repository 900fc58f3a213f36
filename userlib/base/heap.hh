// The heap. Any thread may allocate, and any thread may free what another one allocated.
//
// Memory comes from the kernel in spans of 64 KiB, aligned to their size. A span begins with a header
// and is cut into blocks of one size class; so a block's address, rounded down, leads to its header,
// and free() needs no size. Larger blocks have a span of their own, as long as they need, which goes
// back to the kernel when it is freed.
#pragma once

#include <cstddef>

namespace weft::heap {

// A block of at least that size, aligned to 16 bytes; nullptr if the kernel gives no more memory.
[[nodiscard]] void* allocate(size_t size);

// Gives back what allocate() returned. nullptr is fine.
void free(void* block);

// What a block can hold: at least what was asked for.
size_t usable_size(void* block);

// For fork: nobody is inside while the process is copied.
void lock_all();
void unlock_all();

struct Statistics {
  size_t blocks;  // allocated and not freed
  size_t bytes;   // what they can hold
};
Statistics statistics();

}  // namespace weft::heap
