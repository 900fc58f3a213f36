// new and delete, over our heap. A program that gets no memory ends: there is no exception to throw.
// Code that wants to go on without memory asks heap::allocate.
#include <cstddef>
#include <new>

#include "core/base/assert.hh"
#include "userlib/base/heap.hh"

namespace {

void* allocate_or_end(size_t size) {
  void* block = weft::heap::allocate(size);
  if (block == nullptr) weft::panic("out of memory");
  return block;
}

}  // namespace

void* operator new(size_t size) { return allocate_or_end(size); }
void* operator new[](size_t size) { return allocate_or_end(size); }
void operator delete(void* block) noexcept { weft::heap::free(block); }
void operator delete[](void* block) noexcept { weft::heap::free(block); }
void operator delete(void* block, size_t) noexcept { weft::heap::free(block); }
void operator delete[](void* block, size_t) noexcept { weft::heap::free(block); }
