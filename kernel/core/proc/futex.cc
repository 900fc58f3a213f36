#include "core/proc/futex.hh"

#include <array>

#include "core/mm/user_memory.hh"
#include "core/proc/process.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/wait_queue.hh"

namespace weft::proc {
namespace {

using Key = mm::AddressSpace::WordKey;

struct Bucket;

// One who waits. Its place is on the waiter's stack.
struct Sleeper {
  Sleeper(const Key& awaited, uint32_t wanted_bits)
      : space(awaited.space), offset(awaited.offset), bits(wanted_bits) {}
  bool waits_for(const Key& key) const { return space == key.space && offset == key.offset; }

  Waiter waiter{BlockReason::waiting, this};
  ListHook hook;
  Atomic<Bucket*> bucket{nullptr};  // where it is; changes under that bucket's lock
  const void* space;
  uint64_t offset;
  uint32_t bits;
};

// All words whose keys fall together share a lock and a list, in the order of coming.
struct Bucket {
  SpinLock lock{Rank::wait_queue};
  List<Sleeper, &Sleeper::hook> sleepers;
};

constexpr size_t k_buckets = 1024;
[[clang::no_destroy]] std::array<Bucket, k_buckets> buckets;

Bucket& bucket_of(const Key& key) {
  const uint64_t mixed =
      (reinterpret_cast<uintptr_t>(key.space) + key.offset) * 0x9e37'79b9'7f4a'7c15;
  return buckets[mixed >> 54];
}
static_assert(k_buckets == 1 << 10);

Result<Key> key_of(Process& process, VirtAddr word, bool is_shared) {
  if (word % sizeof(uint32_t) != 0) return fail(Errno::inval);
  if (!mm::is_user_range(word, sizeof(uint32_t))) return fail(Errno::fault);
  if (is_shared) return process.memory->key_of(word);
  Key key;
  key.space = process.memory.get();
  key.offset = word;
  return key;
}

// Ends its wait, if that has not ended otherwise. The bucket is locked. Without a bucket the record
// may be gone at any moment, so that is the last step.
bool end_wait(Sleeper& sleeper) {
  decltype(Bucket::sleepers)::remove(sleeper);
  const bool was_open = sleeper.waiter.claim(Outcome::woken);
  if (was_open) sched::wake(sleeper.waiter.thread());
  sleeper.bucket.store(nullptr, release);
  return was_open;
}

// The caller's sleeper leaves its bucket, if it is still in one.
void leave(Sleeper& sleeper) {
  Bucket* const bucket = sleeper.bucket.load(acquire);
  if (bucket == nullptr) return;
  SpinGuard guard(bucket->lock);
  if (sleeper.bucket.load(relaxed) != nullptr) decltype(Bucket::sleepers)::remove(sleeper);
}

}  // namespace

// The word is read after the sleeper is on the list: a thread that changes it and then wakes finds
// the sleeper there. Reading may fault and block, so it happens without the lock.
Result<> futex_wait(Process& process, VirtAddr word, bool is_shared, uint32_t expected,
                    Instant deadline, uint32_t bits) {
  const Key key = TRY(key_of(process, word, is_shared));
  Bucket& bucket = bucket_of(key);
  Sleeper sleeper(key, bits);
  {
    SpinGuard guard(bucket.lock);
    sleeper.bucket.store(&bucket, relaxed);
    bucket.sleepers.push_back(sleeper);
  }
  const auto value = hal::load_user_word(word);
  Outcome outcome = Outcome::pending;
  if (value.has_value() && *value == expected) {
    outcome = sleeper.waiter.block({.deadline = deadline, .interruptible = true});
  } else {
    (void)sleeper.waiter.claim(Outcome::interrupted);
  }
  leave(sleeper);
  if (!value.has_value()) return fail(value.error());
  if (outcome == Outcome::pending) return fail(Errno::again);
  return to_result(outcome);
}

Result<uint32_t> futex_wake(Process& process, VirtAddr word, bool is_shared, uint32_t most,
                            uint32_t bits) {
  const Key key = TRY(key_of(process, word, is_shared));
  Bucket& bucket = bucket_of(key);
  SpinGuard guard(bucket.lock);
  uint32_t woken = 0;
  for (Sleeper* sleeper = bucket.sleepers.front(); sleeper != nullptr && woken < most;) {
    Sleeper* const next = bucket.sleepers.after(*sleeper);
    if (sleeper->waits_for(key) && (sleeper->bits & bits) != 0 && end_wait(*sleeper)) ++woken;
    sleeper = next;
  }
  return woken;
}

}  // namespace weft::proc
