// The kernel's heap: memory of any size, for what is not made often enough to deserve a cache of its
// own. Up to 2 KiB it comes from one of a row of caches, above that as a block of page frames.
#pragma once

#include <memory>
#include <utility>

#include "core/base/result.hh"
#include "core/mm/owned.hh"

namespace weft::mm {

// All memory from the heap is aligned to this.
inline constexpr size_t k_heap_alignment = 16;

// Memory of at least that size, with no promise about what's in it. Errno::nomem if there is none, or
// if the size is above PageFrames::k_largest_block. Any context that may allocate page frames.
Result<void*> allocate(size_t size);
// What the memory is part of: the name of its cache; nullptr if it is in none. For people who look.
const char* kind_of(const void* memory);
// Gives back memory of allocate(), or of any cache. nullptr is allowed.
void free(void* memory);

// A new object with its owner. Errno::nomem if there is no memory.
template <typename T, typename... Arguments>
Result<Owned<T>> make(Arguments&&... arguments) {
  static_assert(alignof(T) <= k_heap_alignment, "an object with more alignment has its own cache");
  void* const place = TRY(allocate(sizeof(T)));
  return Owned<T>(std::construct_at(static_cast<T*>(place), std::forward<Arguments>(arguments)...));
}

}  // namespace weft::mm
