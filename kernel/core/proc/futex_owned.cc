// Words that know their owner: the lock that a thread waits for by id, and what becomes of locks when
// their owner dies.
#include "abi/constants.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/futex_bucket.hh"
#include "core/proc/process.hh"

namespace weft::proc {
namespace {

// One who waits for such a word, and lends its owner priority as long as it does.
struct OwnedWaiter final : FutexWaiter, Loan {
  explicit OwnedWaiter(const FutexKey& key)
      : FutexWaiter(key, k_any_bit), Loan(FutexWaiter::waiter.thread()) {
    wants_owned = true;
  }

  uint32_t dead_owner = 0;  // who died meanwhile: a word of his may be taken
};

// The word has a new owner, for whom all who still wait for it wait from now on; true if somebody does.
bool pass_waiters_on(FutexBucket& bucket, const FutexKey& key, Thread& heir)
    REQUIRES(inheritance_lock, bucket.lock) {
  bool has_waiters = false;
  for (FutexWaiter* each = bucket.next(nullptr, key); each != nullptr;
       each = bucket.next(each, key)) {
    if (!each->wants_owned) continue;
    pass_on(static_cast<OwnedWaiter&>(*each), heir);
    has_waiters = true;
  }
  if (has_waiters) inherit_from_waiters(heir);
  return has_waiters;
}

// One try to get the word: it becomes the caller's, or the caller is on the list and lends to the owner,
// and the word says so. All in one step, so that the owner can neither unlock nor die in between.
// Errno::fault: the page is not there just now.
Result<Outcome> take_or_wait(FutexBucket& bucket, UserThread& self, VirtAddr word,
                             OwnedWaiter& waiter, FutexWaits waits) {
  const FutexKey key{waiter.space, waiter.offset};
  SpinGuard tree_guard(tree_lock);
  SpinGuard inheritance_guard(inheritance_lock);
  SpinGuard guard(bucket.lock);
  uint32_t value = TRY(hal::load_user_word(word));
  for (;;) {
    const uint32_t owner = value & abi::k_futex_tid_mask;
    if (owner == static_cast<uint32_t>(self.tid)) return fail(Errno::deadlk);
    const bool is_free = owner == 0 || owner == waiter.dead_owner;
    const uint32_t others = bucket.next(nullptr, key) != nullptr ? abi::k_futex_waiters : 0;
    const uint32_t died = owner != 0 ? abi::k_futex_owner_died : value & abi::k_futex_owner_died;
    const uint32_t desired =
        is_free ? static_cast<uint32_t>(self.tid) | others | died : value | abi::k_futex_waiters;
    const uint32_t seen = TRY(hal::compare_exchange_user_word(word, value, desired));
    if (seen == value) break;
    value = seen;
  }
  const uint32_t owner = value & abi::k_futex_tid_mask;
  if (owner == 0 || owner == waiter.dead_owner) {
    (void)pass_waiters_on(bucket, key, self.thread);
    return Outcome::woken;
  }
  UserThread* const holder = find_thread(static_cast<int32_t>(owner));
  if (holder == nullptr) return fail(Errno::srch);
  if (waits == FutexWaits::never) return fail(Errno::again);
  TRY(lend(waiter, holder->thread));
  bucket.add(waiter);
  return Outcome::pending;
}

// The most urgent one who waits for the word; among equals, the one who has waited longest.
OwnedWaiter* find_heir(FutexBucket& bucket, const FutexKey& key) REQUIRES(bucket.lock) {
  FutexWaiter* heir = nullptr;
  for (FutexWaiter* each = bucket.next(nullptr, key); each != nullptr;
       each = bucket.next(each, key)) {
    if (!each->wants_owned || each->waiter.outcome() != Outcome::pending) continue;
    if (heir == nullptr ||
        each->waiter.thread().effective_priority() > heir->waiter.thread().effective_priority()) {
      heir = each;
    }
  }
  return static_cast<OwnedWaiter*>(heir);
}

// One try to hand the word, which is the caller's, to whoever comes next.
Result<> hand_over(FutexBucket& bucket, VirtAddr word, const FutexKey& key, uint32_t value) {
  SpinGuard inheritance_guard(inheritance_lock);
  SpinGuard guard(bucket.lock);
  OwnedWaiter* const heir = find_heir(bucket, key);
  uint32_t desired = 0;
  if (heir != nullptr) {
    Thread& thread = heir->waiter.thread();
    desired = static_cast<uint32_t>(static_cast<UserThread&>(*thread.user).tid);
    if (bucket.next(nullptr, key) != heir || bucket.next(heir, key) != nullptr) {
      desired |= abi::k_futex_waiters;
    }
  }
  const uint32_t seen = TRY(hal::compare_exchange_user_word(word, value, desired));
  if (seen != value) return fail(Errno::again);
  if (heir == nullptr) return {};
  // An end of its wait that came just now: it will find that the word is its own.
  end_loan(*heir);
  (void)bucket.end_wait(*heir);
  (void)pass_waiters_on(bucket, key, heir->waiter.thread());
  inherit_from_waiters(*hal::current());
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
    if ((*value & abi::k_futex_tid_mask) != static_cast<uint32_t>(self.tid)) return;
    const auto seen = hal::compare_exchange_user_word(
        word, *value, (*value & abi::k_futex_waiters) | abi::k_futex_owner_died);
    if (seen.has_value() && *seen == *value) break;
    value = seen;
  }
  if (!is_owned_kind && (*value & abi::k_futex_waiters) != 0) {
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
  SpinGuard inheritance_guard(inheritance_lock);
  while (Loan* const loan = thread.thread.loans.front()) {
    auto& waiter = static_cast<OwnedWaiter&>(*loan);
    FutexBucket& bucket = *waiter.bucket.load(relaxed);  // a requeue takes none of these
    waiter.dead_owner = static_cast<uint32_t>(thread.tid);
    end_loan(*loan);
    SpinGuard guard(bucket.lock);
    (void)bucket.end_wait(waiter);
  }
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
    OwnedWaiter waiter(key);
    waiter.dead_owner = dead_owner;
    const auto taken = take_or_wait(bucket, self, word.address, waiter, waits);
    if (!taken.has_value()) {
      if (taken.error() == Errno::fault) continue;
      return fail(taken.error());
    }
    if (*taken == Outcome::woken) return {};
    const Outcome outcome = waiter.waiter.block({.deadline = deadline, .interruptible = true});
    {
      SpinGuard guard(inheritance_lock);
      end_loan(waiter);
    }
    leave_futex_bucket(waiter);
    // Whatever ended the wait, the word may have been handed over before.
    const auto now = hal::load_user_word(word.address);
    if (now.has_value() && (*now & abi::k_futex_tid_mask) == static_cast<uint32_t>(self.tid))
      return {};
    self.restart.always_anew = outcome == Outcome::interrupted;
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
    if ((value & abi::k_futex_tid_mask) != static_cast<uint32_t>(self.tid))
      return fail(Errno::perm);
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
