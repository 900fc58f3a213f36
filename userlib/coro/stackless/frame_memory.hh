// FrameMemory: where the frames of stackless coroutines live. Every promise type here inherits from it.
//
// A thread keeps some of the frames that were freed on it, sorted by size, and uses them again: making a
// frame is then a few instructions, with no lock. A frame may be freed on another thread than the one that
// made it; it stays there. What a thread has too many of, or none of, goes to and comes from all threads'
// store in batches (frame_pieces.*): so there is a lock once in a batch, not in each frame.
//
// A frame has no header: its promise's type knows its size, and tells it when the frame goes.
//
// Of each size the last one freed is at hand, in a word of its own, and those freed before it are in a list.
// A loop over tasks takes the same frame from there and puts it back, and each turn waits for what the
// turn before has written there: a word takes less of that than a list with its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "userlib/base/registers.hh"
#include "userlib/coro/sanitized.hh"
#include "userlib/sys/uninterrupted.hh"

namespace weft::detail {

struct FreeFrame;

class FrameCache {
 public:
  // Sizes are rounded up to this: compilers count on it that a frame lies where `new` could have put it.
  static constexpr size_t k_unit = 16;
  static constexpr size_t k_largest = 1024;  // longer frames come from the heap each time
  static constexpr size_t k_lists = k_largest / k_unit + 1;
  static constexpr size_t list_of(size_t size) { return (size + k_unit - 1) / k_unit; }

  constexpr FrameCache() = default;
  FrameCache(const FrameCache&) = delete;
  FrameCache& operator=(const FrameCache&) = delete;

  // The last one freed of that size, or null: it has been taken since, or there was none.
  void* take_at_hand(size_t size) {
    const size_t list = list_of(size);
    if (list >= k_lists || at_hand_[list] <= k_vacant) [[unlikely]]
      return nullptr;
    return std::exchange(at_hand_[list], k_vacant);
  }
  // False if there is another one already, or none has ever been.
  bool keep_at_hand(void* memory, size_t size) {
    const size_t list = list_of(size);
    if (list >= k_lists || at_hand_[list] != k_vacant) [[unlikely]]
      return false;
    at_hand_[list] = static_cast<FreeFrame*>(memory);
    return true;
  }

  // Never fails: without memory, the program ends as it does for any `new`.
  void* allocate(size_t size);
  // What any of these gave, here or on another thread.
  void free(void* memory, size_t size) noexcept;

  // Gives all that is kept to all threads' store.
  void empty() noexcept;
  // In bytes.
  size_t kept() const;

 private:
  // At most two batches of one size: `spare` is a whole one or null, so whoever makes some and frees
  // as many doesn't go to the store for each of them.
  struct List {
    FreeFrame* first = nullptr;
    FreeFrame* spare = nullptr;
    size_t count = 0;  // from `first` on
  };

  // At hand is none, but one may be. Null is where none may be before the thread's end is provided for.
  static inline FreeFrame* const k_vacant = reinterpret_cast<FreeFrame*>(1);

  void put(FreeFrame& frame, size_t list) noexcept;
  static void empty_when_thread_ends() noexcept;

  FreeFrame* at_hand_[k_lists] = {};
  List lists_[k_lists] = {};
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

// The long ways.
WEFT_KEEPS_REGISTERS void* allocate_frame(size_t size);
WEFT_KEEPS_REGISTERS void free_frame(void* frame, size_t size) noexcept;

inline void* take_frame(size_t size) {
  void* frame;
  {
    const sys::UninterruptedBriefly section;
    frame = frame_cache().take_at_hand(size);
  }
  return frame != nullptr ? frame : allocate_frame(size);
}
inline void give_frame(void* frame, size_t size) noexcept {
  bool is_kept;
  {
    const sys::UninterruptedBriefly section;
    is_kept = frame_cache().keep_at_hand(frame, size);
  }
  if (!is_kept) free_frame(frame, size);
}

struct FrameMemory {
#ifdef WEFT_ASAN
  // It tells of frames that are lost or used when they are gone, if they come from its heap.
  static void* operator new(size_t size) { return ::operator new(size); }
  static void operator delete(void* frame, size_t) noexcept { ::operator delete(frame); }
#else
  static void* operator new(size_t size) { return take_frame(size); }
  static void operator delete(void* frame, size_t size) noexcept { give_frame(frame, size); }
#endif
};

}  // namespace weft::detail
