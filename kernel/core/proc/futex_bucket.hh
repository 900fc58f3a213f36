// Where futex waiters wait: for futex.cc and futex_owned.cc only.
#pragma once

#include "core/base/list.hh"
#include "core/mm/address_space.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/futex.hh"
#include "core/proc/process.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/wait_queue.hh"

namespace weft::proc {

// Which word: the same for all who name it, in whatever way.
struct FutexKey {
  const void* space = nullptr;
  uint64_t offset = 0;
};
// `keeper` keeps the key alive. Errno::inval, Errno::fault.
Result<FutexKey> futex_key_of(Process& process, FutexWord word, Ref<mm::MemoryObject>& keeper);
// The word is in memory that nobody else can have, or only this process means it so. False says nothing.
inline bool is_own_word(const Process& process, FutexWord word) {
  if (word.address % sizeof(uint32_t) != 0) return false;
  if (!word.is_shared) return mm::is_user_range(word.address, sizeof(uint32_t));
  return process.memory->is_known_private(word.address);
}
// Then the key is found without looking far. The two kinds of words don't meet, even there.
inline FutexKey own_futex_key(const Process& process, FutexWord word) {
  return {process.memory.get(), word.address + (word.is_shared ? 1 : 0)};
}

struct FutexBucket;

// One who waits. Its place is on the waiter's stack.
struct FutexWaiter {
  FutexWaiter(const FutexKey& key, uint32_t wanted_bits)
      : space(key.space), offset(key.offset), bits(wanted_bits) {}
  bool waits_for(const FutexKey& key) const { return space == key.space && offset == key.offset; }

  Waiter waiter{BlockReason::waiting, this};
  ListHook hook;
  Atomic<FutexBucket*> bucket{nullptr};  // where it is; changes under that bucket's lock
  const void* space;
  uint64_t offset;
  uint32_t bits;
  bool wants_owned = false;  // its word knows its owner (futex_owned.cc)
};

// All words whose keys fall together share a lock and a list, in the order of coming.
struct FutexBucket {
  SpinLock lock{Rank::futex};
  List<FutexWaiter, &FutexWaiter::hook> waiters;

  void add(FutexWaiter& waiter) REQUIRES(lock);
  void remove(FutexWaiter& waiter) REQUIRES(lock);
  // Ends its wait; false if that had ended otherwise. Then its record may be gone at any moment.
  bool end_wait(FutexWaiter& waiter) REQUIRES(lock);
  // The one behind `previous` (nullptr: the first) that waits for this word, or nullptr.
  FutexWaiter* next(const FutexWaiter* previous, const FutexKey& key) REQUIRES(lock);
};

FutexBucket& futex_bucket_of(const FutexKey& key);
// The caller's own waiter leaves its bucket, if it is still in one.
void leave_futex_bucket(FutexWaiter& waiter);

}  // namespace weft::proc
