#include "userlib/coro/stackless/frame_memory.hh"

constinit thread_local weft::detail::FrameCache weft_frame_cache;

namespace weft::detail {
namespace {

// Lives as long as the thread that touched it.
struct Emptier {
  ~Emptier() { frame_cache().empty(); }
  void touch() {}
};
thread_local Emptier emptier;

}  // namespace

void* FrameCache::allocate(size_t size) {
  if (void* frame = take_at_hand(size)) return frame;
  const size_t list = list_of(size);
  if (list >= k_lists || free_[list] == nullptr) return ::operator new(list * k_unit);
  Block* block = free_[list];
  forbid(block, list, false);
  free_[list] = block->next;
  listed_ -= list * k_unit;
  return block;
}

// The new one is at hand then, since it is the warmer one, and the other goes into the list.
void FrameCache::free(void* memory, size_t size) noexcept {
  const size_t list = list_of(size);
  if (list >= k_lists || listed_ >= k_bound) return ::operator delete(memory);
  if (at_hand_[list] == nullptr) {
    empty_when_thread_ends();
    at_hand_[list] = k_vacant;
  }
  if (void* before = take_at_hand(size)) {
    auto* block = static_cast<Block*>(before);
    block->next = free_[list];
    free_[list] = block;
    listed_ += list * k_unit;
    forbid(block, list, true);
  }
  (void)keep_at_hand(memory, size);
}

size_t FrameCache::kept() const {
  size_t kept = listed_;
  for (size_t list = 0; list < k_lists; ++list) {
    if (at_hand_[list] > k_vacant) kept += list * k_unit;
  }
  return kept;
}

void FrameCache::empty() noexcept {
  for (size_t list = 0; list < k_lists; ++list) {
    if (void* frame = take_at_hand(list * k_unit)) ::operator delete(frame);
    at_hand_[list] = nullptr;
    while (free_[list] != nullptr) {
      Block* block = free_[list];
      forbid(block, list, false);
      free_[list] = block->next;
      ::operator delete(block);
    }
  }
  listed_ = 0;
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
