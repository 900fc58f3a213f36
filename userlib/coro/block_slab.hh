// Where the coroutines' control blocks come from: chunks of 4 MiB that are never given back, so that a
// block may be looked at by whoever has its address, even when it is another coroutine's by then. The
// listing walks through them.
#pragma once

#include "core/base/result.hh"
#include "userlib/coro/coroutine.hh"

namespace weft::coro {

// A worker's free blocks at hand. One thread's own.
class BlockCache {
 public:
  ~BlockCache() { clear(); }

  // Null when there is no memory.
  Coroutine* take() {
    Coroutine* block = take_at_hand();
    if (block == nullptr) [[unlikely]]
      return refill();
    count_taken(*block);
    return block;
  }

  void give(Coroutine& block) {
    push(block);
    if (is_counted(block)) [[unlikely]]
      count_given();
  }

  // The same for a lone worker, where nobody else wants what it has: without counting. Null if there is
  // none at hand.
  Coroutine* take_at_hand() {
    Coroutine* block = first_;
    if (block != nullptr) [[likely]]
      first_ = block->next;
    return block;
  }
  void keep(Coroutine& block) {
    // Of very many, the next to come back lies behind this one: by then it is in the cache.
    __builtin_prefetch(&block + k_ahead, 1);
    push(block);
  }

  // It was taken by take_at_hand(), and is counted after all.
  void count_taken(const Coroutine& block) {
    if (is_counted(block)) [[unlikely]]
      room_ += k_each_counted;
  }

  void clear() { hand_back_all_but(0); }

 private:
  static constexpr int64_t k_batch = 512;
  static constexpr int64_t k_most = 4 * k_batch;
  static constexpr size_t k_ahead = 32;
  // One of so many is counted, and stands for the others: those of a page that come first.
  static constexpr int64_t k_each_counted = 4096 / sizeof(Coroutine);

  static bool is_counted(const Coroutine& block) {
    return reinterpret_cast<uintptr_t>(&block) % 4096 < sizeof(Coroutine);
  }

  void push(Coroutine& block) {
    block.next = first_;
    first_ = &block;
  }
  [[gnu::cold]] void count_given();
  Coroutine* refill();
  void hand_back_all_but(int64_t kept);

  Coroutine* first_ = nullptr;
  int64_t room_ = k_most;  // for how many more, as far as they are counted
};

// For threads that are no workers.
void give_block_back(Coroutine& block);

// Calls visit(block) for all blocks that were ever used, in the order of their numbers, which are 1, 2...
template <typename Visitor>
void for_each_block(Visitor visit);
// How many are with no worker.
size_t blocks_free();

namespace detail {
inline constexpr size_t k_blocks_in_chunk = size_t{1} << 16;
inline constexpr size_t k_most_chunks = 1024;
extern Atomic<Coroutine*> block_chunks[k_most_chunks];
extern Atomic<size_t> blocks_made;
}  // namespace detail

// The number that names a coroutine of the slab, while it lives; and the block of a number.
uint64_t block_number(const Coroutine& block);

template <typename Visitor>
void for_each_block(Visitor visit) {
  size_t left = detail::blocks_made.load(acquire);
  for (size_t i = 0; left > 0; ++i) {
    Coroutine* const chunk = detail::block_chunks[i].load(acquire);
    const size_t here = left < detail::k_blocks_in_chunk ? left : detail::k_blocks_in_chunk;
    for (size_t k = 0; k < here; ++k) visit(chunk[k]);
    left -= here;
  }
}

}  // namespace weft::coro
