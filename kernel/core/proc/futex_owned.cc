// Words that know their owner: the lock that a thread waits for by id, and what becomes of locks when
// their owner dies.
#include "abi/constants.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/futex_bucket.hh"
#include "core/proc/process.hh"

namespace weft::proc {
namespace {

constexpr uint32_t k_waiters = 0x8000'0000;     // FUTEX_WAITERS
constexpr uint32_t k_owner_died = 0x4000'0000;  // FUTEX_OWNER_DIED
constexpr uint32_t k_owner = 0x3fff'ffff;       // FUTEX_TID_MASK

// The thread lives, and knows from now on that somebody waits for it.
bool tell_owner(int32_t owner) {
  SpinGuard guard(tree_lock);
  UserThread* const thread = find_thread(owner);
  if (thread == nullptr) return false;
  thread->owns_wanted_futex = true;
  return true;
}

// One try to get the word under the bucket's lock: it becomes the caller's, or the caller is on the
// list and the word says so. Errno::fault: the page is not there just now.
Result<Outcome> take_or_wait(FutexBucket& bucket, UserThread& self, VirtAddr word,
                             const FutexKey& key, FutexWaiter& waiter, FutexWaits waits) {
  SpinGuard guard(bucket.lock);
  uint32_t value = TRY(hal::load_user_word(word));
  for (;;) {
    const uint32_t owner = value & k_owner;
    if (owner == static_cast<uint32_t>(self.tid)) return fail(Errno::deadlk);
    const bool is_free = owner == 0 || owner == waiter.dead_owner;
    if (!is_free && waits == FutexWaits::never) return fail(Errno::again);
    const uint32_t others = bucket.next(nullptr, key) != nullptr ? k_waiters : 0;
    const uint32_t died = owner != 0 ? k_owner_died : value & k_owner_died;
    const uint32_t desired =
        is_free ? static_cast<uint32_t>(self.tid) | others | died : value | k_waiters;
    const uint32_t seen = TRY(hal::compare_exchange_user_word(word, value, desired));
    if (seen == value) {
      if (is_free) return Outcome::woken;
      waiter.owner = static_cast<int32_t>(owner);
      bucket.add(waiter);
      return Outcome::pending;
    }
    value = seen;
  }
}

// One try to hand the word, which is the caller's, to the first who waits for it.
Result<> hand_over(FutexBucket& bucket, VirtAddr word, const FutexKey& key, uint32_t value) {
  SpinGuard guard(bucket.lock);
  FutexWaiter* next = bucket.next(nullptr, key);
  while (next != nullptr && next->waiter.outcome() != Outcome::pending) {
    next = bucket.next(next, key);
  }
  uint32_t desired = 0;
  if (next != nullptr) {
    const auto& heir = static_cast<UserThread&>(*next->waiter.thread().user);
    desired = static_cast<uint32_t>(heir.tid);
    for (FutexWaiter* other = bucket.next(next, key); other != nullptr;
         other = bucket.next(other, key)) {
      other->owner = heir.tid;
      desired |= k_waiters;
    }
  }
  const uint32_t seen = TRY(hal::compare_exchange_user_word(word, value, desired));
  if (seen != value) return fail(Errno::again);
  // An end of its wait that came just now: it will find that the word is its own.
  if (next != nullptr) (void)bucket.end_wait(*next);
  return {};
}

// The owner of a word has died: marks it, and wakes one who waits. Those who wait for an owned kind of
// word are told later (wake_futex_heirs). A pending entry is one that the owner was about to add or to
// take out: it may have let the word go already, and not yet have woken anybody.
void release_word(UserThread& self, VirtAddr word, bool is_owned_kind, bool is_pending) {
  if (word % sizeof(uint32_t) != 0 || !mm::is_user_range(word, sizeof(uint32_t))) return;
  auto value = hal::load_user_word(word);
  if (is_pending && !is_owned_kind && value == 0u) {
    (void)futex_wake(self.process, {word, true}, 1, k_any_bit);
    return;
  }
  for (;;) {
    if (!value.has_value()) return;
    if ((*value & k_owner) != static_cast<uint32_t>(self.tid)) return;
    const auto seen =
        hal::compare_exchange_user_word(word, *value, (*value & k_waiters) | k_owner_died);
    if (seen.has_value() && *seen == *value) break;
    value = seen;
  }
  if (!is_owned_kind && (*value & k_waiters) != 0) {
    (void)futex_wake(self.process, {word, true}, 1, k_any_bit);
  }
}

void walk_robust_list(UserThread& self, VirtAddr head) {
  constexpr unsigned k_longest = 2048;  // a list may be a circle
  constexpr VirtAddr k_owned_kind = 1;  // a bit in the pointers
  const auto list = mm::UserIn<abi::RobustListHead>(head).load();
  if (!list.has_value()) return;
  const auto release = [&](VirtAddr entry, bool is_pending) {
    const VirtAddr word = (entry & ~k_owned_kind) + static_cast<uint64_t>(list->futex_offset);
    release_word(self, word, (entry & k_owned_kind) != 0, is_pending);
  };
  const auto pending = reinterpret_cast<VirtAddr>(list->pending);
  auto entry = reinterpret_cast<VirtAddr>(list->list);
  for (unsigned count = 0; (entry & ~k_owned_kind) != head && count < k_longest; ++count) {
    // The next one first: once it is released, an entry may be gone.
    const auto next = mm::UserIn<VirtAddr>(entry & ~k_owned_kind).load();
    if (entry != pending) release(entry, false);
    if (!next.has_value()) return;
    entry = *next;
  }
  if (pending != 0) release(pending, true);
}

}  // namespace

void wake_futex_heirs(UserThread& thread) {
  if (!thread.owns_wanted_futex) return;
  int32_t tid = thread.tid;
  visit_futex_buckets(
      [](FutexBucket& bucket, void* argument) NO_THREAD_SAFETY_ANALYSIS {
        const int32_t dead = *static_cast<int32_t*>(argument);
        FutexWaiter* next = bucket.waiters.front();
        while (FutexWaiter* const waiter = next) {
          next = bucket.waiters.after(*waiter);
          if (waiter->owner != dead) continue;
          waiter->dead_owner = static_cast<uint32_t>(dead);
          (void)bucket.end_wait(*waiter);
        }
      },
      &tid);
}

Result<> futex_lock(UserThread& self, FutexWord word, FutexWaits waits, Instant deadline) {
  Ref<mm::MemoryObject> keeper;
  const FutexKey key = TRY(futex_key_of(self.process, word, keeper));
  FutexBucket& bucket = futex_bucket_of(key);
  uint32_t dead_owner = 0;
  for (;;) {
    const uint32_t value = TRY(hal::load_user_word(word.address));
    // It must be there, and writable, when the lock is held: then nothing can be brought.
    TRY(hal::compare_exchange_user_word(word.address, value, value));
    FutexWaiter waiter(key, k_any_bit);
    waiter.dead_owner = dead_owner;
    const auto taken = take_or_wait(bucket, self, word.address, key, waiter, waits);
    if (!taken.has_value()) {
      if (taken.error() == Errno::fault) continue;
      return fail(taken.error());
    }
    if (*taken == Outcome::woken) return {};
    const bool owner_lives = tell_owner(waiter.owner);
    waiter.waiter.set_holder(waiter.owner);
    Outcome outcome = Outcome::pending;
    if (owner_lives) {
      outcome = waiter.waiter.block({.deadline = deadline, .interruptible = true});
    } else if (!waiter.waiter.claim(Outcome::interrupted)) {
      outcome = waiter.waiter.outcome();
    }
    leave_futex_bucket(waiter);
    // Whatever ended the wait, the word may have been handed over before.
    const auto now = hal::load_user_word(word.address);
    if (now.has_value() && (*now & k_owner) == static_cast<uint32_t>(self.tid)) return {};
    if (outcome == Outcome::pending) return fail(Errno::srch);
    if (outcome != Outcome::woken) return to_result(outcome);
    dead_owner = waiter.dead_owner;
  }
}

Result<> futex_unlock(UserThread& self, FutexWord word) {
  Ref<mm::MemoryObject> keeper;
  const FutexKey key = TRY(futex_key_of(self.process, word, keeper));
  FutexBucket& bucket = futex_bucket_of(key);
  for (;;) {
    const uint32_t value = TRY(hal::load_user_word(word.address));
    if ((value & k_owner) != static_cast<uint32_t>(self.tid)) return fail(Errno::perm);
    TRY(hal::compare_exchange_user_word(word.address, value, value));
    const auto handed = hand_over(bucket, word.address, key, value);
    if (handed.has_value()) return {};
  }
}

void release_robust_list(UserThread& self) {
  const VirtAddr head = std::exchange(self.robust_list, 0);
  if (head != 0) walk_robust_list(self, head);
}

}  // namespace weft::proc
