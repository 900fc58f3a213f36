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

constexpr size_t k_chunk_bytes = detail::k_blocks_in_chunk * sizeof(Coroutine);
// Of the first chunk that much is in small pages: programs with few coroutines pay for a few.
constexpr size_t k_small_pages = size_t{2} << 20;

constinit Lock lock;
constinit Coroutine* free_blocks GUARDED_BY(lock) = nullptr;
constinit size_t free_count GUARDED_BY(lock) = 0;

// Fresh blocks, linked so that they are handed out in the order of their addresses.
Coroutine* cut(size_t count) REQUIRES(lock) {
  const size_t made = detail::blocks_made.load(relaxed);
  const size_t chunk = made / detail::k_blocks_in_chunk;
  if (chunk == detail::k_most_chunks) return nullptr;
  if (made % detail::k_blocks_in_chunk == 0) {
    const auto place =
        sys::mmap(nullptr, k_chunk_bytes, abi::k_prot_read | abi::k_prot_write,
                  abi::k_map_private | abi::k_map_anonymous | abi::k_map_noreserve, -1, 0);
    if (!place) return nullptr;
    // Where there are that many coroutines, and the kernel can: a thousand page faults fewer.
    const size_t few = chunk == 0 ? k_small_pages : 0;
    (void)sys::madvise(static_cast<char*>(*place) + few, k_chunk_bytes - few, abi::k_madv_hugepage);
    detail::block_chunks[chunk].store(static_cast<Coroutine*>(*place), release);
  }
  Coroutine* const blocks =
      detail::block_chunks[chunk].load(relaxed) + made % detail::k_blocks_in_chunk;
  Coroutine* first = nullptr;
  for (size_t i = count; i-- > 0;) {
    auto* block = new (blocks + i) Coroutine;
    block->context.resume_at.store(k_unused, relaxed);
    block->next = std::exchange(first, block);
  }
  detail::blocks_made.store(made + count, release);
  return first;
}

}  // namespace

Coroutine* BlockCache::refill() {
  LockGuard held(lock);
  int64_t moved = 1;
  if (free_blocks == nullptr) {
    first_ = cut(k_batch);
    if (first_ == nullptr) return nullptr;
    moved = k_batch;
  } else {
    Coroutine* last = free_blocks;
    for (; moved < k_batch && last->next != nullptr; ++moved) last = last->next;
    first_ = std::exchange(free_blocks, std::exchange(last->next, nullptr));
    free_count -= static_cast<size_t>(moved);
  }
  room_ = k_most - moved;
  return take();
}

void BlockCache::count_given() {
  room_ -= k_each_counted;
  if (room_ < 0) hand_back_all_but(k_most / 2);
}

// The newest are kept. What is there is counted anew, one by one.
void BlockCache::hand_back_all_but(int64_t kept) {
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
