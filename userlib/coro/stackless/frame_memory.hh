// FrameMemory: where the frames of stackless coroutines live. Every promise type here inherits from it.
//
// A thread keeps the frames that were freed on it, sorted by size, and uses them again: making a frame
// is then a few instructions, with no lock. A frame may be freed on another thread than the one that
// made it; it stays there. What a thread keeps is bounded, and goes back to the heap when it ends.
#pragma once

#include <cstddef>
#include <new>

#include "userlib/coro/sanitized.hh"
#include "userlib/sys/uninterrupted.hh"

#ifdef WEFT_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace weft::detail {

class FrameCache {
 public:
  static constexpr size_t k_unit = 32;           // sizes are rounded up to this
  static constexpr size_t k_largest = 1024;      // longer frames come from the heap each time
  static constexpr size_t k_bound = 256 * 1024;  // bytes kept by one thread

  constexpr FrameCache() = default;
  FrameCache(const FrameCache&) = delete;
  FrameCache& operator=(const FrameCache&) = delete;

  // Never fails: without memory, the program ends as it does for any `new`.
  void* allocate(size_t size) {
    const size_t list = list_of(size);
    if (list >= k_lists || free_[list] == nullptr) [[unlikely]]
      return ::operator new(list * k_unit);
    Block* block = free_[list];
    forbid(block, list, false);
    free_[list] = block->next;
    kept_ -= list * k_unit;
    return block;
  }

  // What allocate(size) gave, here or on another thread.
  void free(void* memory, size_t size) noexcept {
    const size_t list = list_of(size);
    if (list >= k_lists || kept_ >= k_bound) [[unlikely]]
      return ::operator delete(memory);
    if (kept_ == 0) [[unlikely]]
      empty_when_thread_ends();
    auto* block = static_cast<Block*>(memory);
    block->next = free_[list];
    free_[list] = block;
    kept_ += list * k_unit;
    forbid(block, list, true);
  }

  // Gives all that is kept back to the heap.
  void empty() noexcept;
  size_t kept() const { return kept_; }

 private:
  struct Block {
    Block* next;
  };

  static constexpr size_t k_lists = k_largest / k_unit + 1;
  static constexpr size_t list_of(size_t size) { return (size + k_unit - 1) / k_unit; }

  static void empty_when_thread_ends() noexcept;

  // Under AddressSanitizer, a kept frame must not be touched, as if it had been freed.
  static void forbid([[maybe_unused]] Block* block, [[maybe_unused]] size_t list,
                     [[maybe_unused]] bool forbidden) noexcept {
#ifdef WEFT_ASAN
    if (forbidden) {
      __asan_poison_memory_region(block, list * k_unit);
    } else {
      __asan_unpoison_memory_region(block, list * k_unit);
    }
#endif
  }

  Block* free_[k_lists] = {};
  size_t kept_ = 0;
};

}  // namespace weft::detail

// The calling thread's. A plain name for the assembly below.
extern "C" {
[[gnu::tls_model(
    "local-exec")]] extern constinit thread_local weft::detail::FrameCache weft_frame_cache;
}

namespace weft::detail {

// A coroutine may go on on another thread than it stopped on. So the compiler must not remember the
// address from one use to the next.
inline FrameCache& frame_cache() {
  FrameCache* cache;
  asm volatile("movq %%fs:0, %0\n leaq weft_frame_cache@tpoff(%0), %0" : "=r"(cache));
  return *cache;
}

struct FrameMemory {
  static void* operator new(size_t size) {
    const sys::Uninterrupted section;
    return frame_cache().allocate(size);
  }
  static void operator delete(void* frame, size_t size) noexcept {
    const sys::Uninterrupted section;
    frame_cache().free(frame, size);
  }
};

}  // namespace weft::detail
