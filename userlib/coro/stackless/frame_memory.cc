#include "userlib/coro/stackless/frame_memory.hh"

#include "userlib/coro/stackless/frame_pieces.hh"

constinit thread_local weft::detail::FrameCache weft_frame_cache;

namespace weft::detail {
namespace {

// Lives as long as the thread that touched it.
struct Emptier {
  ~Emptier() { frame_cache().empty(); }
  void touch() {}
};
thread_local Emptier emptier;

// Long ones; and those too short to hold what a free one holds, which no coroutine's frame is.
constexpr bool is_from_heap(size_t list) {
  return list >= FrameCache::k_lists || list * FrameCache::k_unit < sizeof(FreeFrame);
}

}  // namespace

void* FrameCache::allocate(size_t size) {
  if (void* frame = take_at_hand(size)) return frame;
  const size_t list = list_of(size);
  if (is_from_heap(list)) return ::operator new(size);
  List& kept = lists_[list];
  if (kept.first == nullptr) {
    empty_when_thread_ends();
    kept.first = kept.spare != nullptr ? kept.spare : take_batch(list);
    kept.spare = nullptr;
    kept.count = kept.first->count;
  }
  --kept.count;
  return std::exchange(kept.first, kept.first->next);
}

// The new one is at hand then, since it is the warmer one, and the other goes into the list.
void FrameCache::free(void* memory, size_t size) noexcept {
  const size_t list = list_of(size);
  if (is_from_heap(list)) return ::operator delete(memory);
  if (at_hand_[list] == nullptr) {
    empty_when_thread_ends();
    at_hand_[list] = k_vacant;
  }
  if (void* before = take_at_hand(size)) put(*static_cast<FreeFrame*>(before), list);
  (void)keep_at_hand(memory, size);
}

void FrameCache::put(FreeFrame& frame, size_t list) noexcept {
  List& kept = lists_[list];
  if ((kept.count + 1) * list * k_unit > k_batch_bytes) {
    if (kept.spare != nullptr) give_batch(list, kept.spare);
    kept.first->count = kept.count;
    kept.spare = kept.first;
    kept.first = nullptr;
    kept.count = 0;
  }
  frame.next = kept.first;
  kept.first = &frame;
  ++kept.count;
}

size_t FrameCache::kept() const {
  size_t kept = 0;
  for (size_t list = 0; list < k_lists; ++list) {
    const List& here = lists_[list];
    const size_t spare = here.spare == nullptr ? 0 : here.spare->count;
    const size_t at_hand = at_hand_[list] > k_vacant ? 1 : 0;
    kept += (at_hand + here.count + spare) * list * k_unit;
  }
  return kept;
}

void FrameCache::empty() noexcept {
  for (size_t list = 0; list < k_lists; ++list) {
    List& kept = lists_[list];
    if (void* frame = take_at_hand(list * k_unit)) put(*static_cast<FreeFrame*>(frame), list);
    at_hand_[list] = nullptr;
    if (kept.first != nullptr) {
      kept.first->count = kept.count;
      give_batch(list, kept.first);
    }
    if (kept.spare != nullptr) give_batch(list, kept.spare);
    kept = {};
  }
}

// A variable with a destructor costs a test at each use; the cache itself is spared that.
void FrameCache::empty_when_thread_ends() noexcept { emptier.touch(); }

void* allocate_frame(size_t size) {
  const sys::Uninterrupted section;
  return frame_cache().allocate(size);
}

void free_frame(void* frame, size_t size) noexcept {
  const sys::Uninterrupted section;
  frame_cache().free(frame, size);
}

}  // namespace weft::detail
