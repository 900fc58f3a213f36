// Pages to fault on, and buffers that end exactly where the mapped memory does.
#pragma once

#include "core/base/types.hh"
#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

// An address that no program has: the lowest page is never mapped.
inline void* const k_bad_pointer = reinterpret_cast<void*>(16);
// One in the kernel's half, which a careless kernel would happily write to.
inline void* const k_kernel_pointer = reinterpret_cast<void*>(0xffff'8000'0000'1000);

// Private anonymous pages.
class Pages {
 public:
  explicit Pages(size_t count, int protection = PROT_READ | PROT_WRITE)
      : size_(count * k_page_size),
        address_(must("map pages",
                      sys::mmap(nullptr, size_, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { sys::munmap(address_, size_); }

  char* page(size_t index) const { return reinterpret_cast<char*>(address_) + index * k_page_size; }
  size_t size() const { return size_; }

 private:
  size_t size_;
  long address_;
};

// One page to write to, with an inaccessible page behind it.
class Edge {
 public:
  Edge() { must("protect a page", sys::mprotect(pages_.page(1), k_page_size, PROT_NONE)); }

  // A buffer whose first `count` bytes are there, and no more.
  char* last(size_t count) const { return pages_.page(1) - count; }

 private:
  Pages pages_{2};
};

}  // namespace weft::guest
