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

void FrameCache::empty() noexcept {
  for (size_t list = 0; list < k_lists; ++list) {
    while (free_[list] != nullptr) {
      Block* block = free_[list];
      forbid(block, list, false);
      free_[list] = block->next;
      ::operator delete(block);
    }
  }
  kept_ = 0;
}

// A variable with a destructor costs a test at each use; the cache itself is spared that.
void FrameCache::empty_when_thread_ends() noexcept { emptier.touch(); }

}  // namespace weft::detail
