#include "userlib/coro/block_slab.hh"

#include <new>
#include <utility>

#include "userlib/base/lock.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace detail {
constinit Atomic<Coroutine*> block_chunks[k_most_chunks];
constinit Atomic<size_t> blocks_made{0};
}  // namespace detail

namespace {

constinit Lock lock;
constinit Coroutine* free_blocks GUARDED_BY(lock) = nullptr;
constinit size_t free_count GUARDED_BY(lock) = 0;

// Puts fresh blocks in the free list.
bool cut(size_t count) REQUIRES(lock) {
  const size_t made = detail::blocks_made.load(relaxed);
  const size_t chunk = made / detail::k_blocks_in_chunk;
  if (chunk == detail::k_most_chunks) return false;
  if (made % detail::k_blocks_in_chunk == 0) {
    const auto place =
        sys::mmap(nullptr, detail::k_blocks_in_chunk * sizeof(Coroutine),
                  abi::k_prot_read | abi::k_prot_write,
                  abi::k_map_private | abi::k_map_anonymous | abi::k_map_noreserve, -1, 0);
    if (!place) return false;
    // Where there are that many coroutines, and the kernel can: a thousand page faults fewer.
    if (chunk > 0)
      (void)sys::madvise(*place, detail::k_blocks_in_chunk * sizeof(Coroutine),
                         abi::k_madv_hugepage);
    detail::block_chunks[chunk].store(static_cast<Coroutine*>(*place), release);
  }
  Coroutine* blocks = detail::block_chunks[chunk].load(relaxed);
  // Linked so that they are handed out in the order of their addresses.
  for (size_t i = count; i-- > 0;) {
    auto* block = new (blocks + made % detail::k_blocks_in_chunk + i) Coroutine;
    block->context.resume_at.store(k_unused, relaxed);
    block->next = free_blocks;
    free_blocks = block;
  }
  free_count += count;
  detail::blocks_made.store(made + count, release);
  return true;
}

}  // namespace

Coroutine* BlockCache::refill() {
  LockGuard held(lock);
  if (free_count == 0 && !cut(k_batch)) return nullptr;
  // In the same order: of a million fresh ones each lies behind the one before.
  Coroutine* last = free_blocks;
  size_t moved = 1;
  for (; moved < k_batch && last->next != nullptr; ++moved) last = last->next;
  first_ = std::exchange(free_blocks, std::exchange(last->next, nullptr));
  free_count -= moved;
  room_ = k_most - moved;
  return take();
}

// The newest are kept. What is there is counted anew: a lone worker doesn't count.
void BlockCache::hand_back_all_but(size_t kept) {
  Coroutine** link = &first_;
  for (room_ = k_most; *link != nullptr && room_ > k_most - kept; --room_) link = &(*link)->next;
  LockGuard held(lock);
  for (Coroutine* block = std::exchange(*link, nullptr); block != nullptr;) {
    Coroutine* const next = std::exchange(block->next, free_blocks);
    free_blocks = std::exchange(block, next);
    ++free_count;
  }
}

void give_block_back(Coroutine& block) {
  LockGuard held(lock);
  block.next = free_blocks;
  free_blocks = &block;
  ++free_count;
}

size_t blocks_free() {
  LockGuard held(lock);
  return free_count;
}

uint64_t block_number(const Coroutine& block) {
  const size_t made = detail::blocks_made.load(acquire);
  for (size_t chunk = 0; chunk * detail::k_blocks_in_chunk < made; ++chunk) {
    const Coroutine* first = detail::block_chunks[chunk].load(acquire);
    if (&block >= first && &block < first + detail::k_blocks_in_chunk)
      return chunk * detail::k_blocks_in_chunk + static_cast<uint64_t>(&block - first) + 1;
  }
  return 0;
}

}  // namespace weft::coro
