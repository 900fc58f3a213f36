#include "core/proc/futex.hh"

#include <array>

#include "abi/constants.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/futex_bucket.hh"
#include "core/proc/process.hh"

namespace weft::proc {
namespace {

constexpr unsigned k_bucket_bits = 10;
[[clang::no_destroy]] std::array<FutexBucket, 1 << k_bucket_bits> buckets;

}  // namespace

FutexBucket& futex_bucket_of(const FutexKey& key) {
  const uint64_t mixed =
      (reinterpret_cast<uintptr_t>(key.space) + key.offset) * 0x9e37'79b9'7f4a'7c15;
  return buckets[mixed >> (64 - k_bucket_bits)];
}

namespace {

// Two buckets, locked; or one, if they are the same.
class PairGuard {
 public:
  PairGuard(FutexBucket& one, FutexBucket& other) NO_THREAD_SAFETY_ANALYSIS
      : first_(&one < &other ? one : other),
        second_(&one < &other ? other : one) {
    first_.lock.lock();
    if (&first_ != &second_) second_.lock.lock();
  }
  ~PairGuard() NO_THREAD_SAFETY_ANALYSIS {
    if (&first_ != &second_) second_.lock.unlock();
    first_.lock.unlock();
  }
  PairGuard(const PairGuard&) = delete;
  PairGuard& operator=(const PairGuard&) = delete;

 private:
  FutexBucket& first_;
  FutexBucket& second_;
};

// The bits of FUTEX_WAKE_OP's argument.
constexpr int32_t sign_extended(uint32_t twelve_bits) {
  return static_cast<int32_t>(twelve_bits << 20) >> 20;
}

struct WakeOperation {
  explicit WakeOperation(uint32_t bits)
      : change(bits >> 28 & 7),
        comparison(bits >> 24 & 15),
        operand(static_cast<uint32_t>(sign_extended(bits >> 12 & 0xfff))),
        compared_with(sign_extended(bits & 0xfff)) {
    constexpr uint32_t k_operand_is_shift = 8;
    if ((bits >> 28 & k_operand_is_shift) != 0) operand = 1u << (operand & 31);
  }

  Result<uint32_t> changed(uint32_t value) const {
    switch (change) {
      case 0: return operand;
      case 1: return value + operand;
      case 2: return value | operand;
      case 3: return value & ~operand;
      case 4: return value ^ operand;
      default: return fail(Errno::nosys);
    }
  }
  Result<bool> compares(uint32_t old_value) const {
    const auto value = static_cast<int32_t>(old_value);
    switch (comparison) {
      case 0: return value == compared_with;
      case 1: return value != compared_with;
      case 2: return value < compared_with;
      case 3: return value <= compared_with;
      case 4: return value > compared_with;
      case 5: return value >= compared_with;
      default: return fail(Errno::nosys);
    }
  }

  uint32_t change;
  uint32_t comparison;
  uint32_t operand;
  int32_t compared_with;
};

// Changes the word in one step; what it was.
Result<uint32_t> change_word(VirtAddr word, const WakeOperation& operation) {
  uint32_t value = TRY(hal::load_user_word(word));
  for (;;) {
    const uint32_t desired = TRY(operation.changed(value));
    const uint32_t seen = TRY(hal::compare_exchange_user_word(word, value, desired));
    if (seen == value) return value;
    value = seen;
  }
}

[[gnu::noinline]] Result<uint64_t> wake_several(FutexBucket& bucket, FutexKey key, int32_t most,
                                                uint32_t bits) {
  // lab:futex begin 1
  SpinGuard guard(bucket.lock);
  int32_t woken = 0;
  FutexWaiter* next = bucket.next(nullptr, key);
  while (FutexWaiter* const waiter = next) {
    next = bucket.next(waiter, key);
    if (waiter->wants_owned) return fail(Errno::inval);
    if ((waiter->bits & bits) != 0 && bucket.end_wait(*waiter) && ++woken >= most) break;
  }
  return static_cast<uint64_t>(woken);
  // lab:futex stub: static_cast<void>(bucket);
  // lab:futex stub: static_cast<void>(key);
  // lab:futex stub: static_cast<void>(most);
  // lab:futex stub: static_cast<void>(bits);
  // lab:futex stub: panic("not implemented: lab futex, part 1");
  // lab:futex end
}

// Wakes the first one, if there is one and all that is asked for is to wake one.
[[gnu::always_inline]] inline Result<uint64_t> wake_key(FutexKey key, int32_t most, uint32_t bits) {
  // lab:futex begin 1
  FutexBucket& bucket = futex_bucket_of(key);
  bucket.lock.lock_irqs_on();
  FutexWaiter* const first = bucket.next(nullptr, key);
  if (first == nullptr) {
    bucket.lock.unlock_irqs_on();
    return 0;
  }
  const bool is_simple = most <= 1 && (first->bits & bits) != 0 && !first->wants_owned;
  if (!is_simple || !bucket.end_wait(*first)) [[unlikely]] {
    bucket.lock.unlock_irqs_on();
    return wake_several(bucket, key, most, bits);
  }
  bucket.lock.unlock_irqs_on();
  return 1;
  // lab:futex stub: return wake_several(futex_bucket_of(key), key, most, bits);
  // lab:futex end
}

// Under the lock the word could not be brought. Now it is, or else the address is bad.
[[gnu::noinline]] Result<uint64_t> bring_and_wait(Process& process, FutexWord word,
                                                  uint32_t expected, Instant deadline,
                                                  uint32_t bits) {
  TRY(hal::load_user_word(word.address));
  return futex_wait(process, word, expected, deadline, bits);
}

[[gnu::always_inline]] inline Result<uint64_t> wait_for_key(FutexKey key, Process& process,
                                                            FutexWord word, uint32_t expected,
                                                            Instant deadline, uint32_t bits) {
  // lab:futex begin 1
  FutexBucket& bucket = futex_bucket_of(key);
  bucket.lock.lock_irqs_on();
  const auto value = hal::load_user_word(word.address);
  if (value.has_value() && *value == expected) {
    FutexWaiter self(key, bits);
    // By the custom of robust locks, such a word has its owner's number.
    if ((expected & abi::k_futex_waiters) != 0) [[unlikely]]
      self.waiter.set_ender(Ender::number(expected & abi::k_futex_tid_mask));
    bucket.add(self);
    bucket.lock.unlock_irqs_off();
    const Outcome outcome =
        self.waiter.block_irqs_off({.deadline = deadline, .interruptible = true});
    leave_futex_bucket(self);
    if (outcome == Outcome::woken) [[likely]]
      return 0;
    return fail(to_result(outcome).error());
  }
  bucket.lock.unlock_irqs_on();
  if (value.has_value()) return fail(Errno::again);
  return bring_and_wait(process, word, expected, deadline, bits);
  // lab:futex stub: static_cast<void>(key);
  // lab:futex stub: static_cast<void>(process);
  // lab:futex stub: static_cast<void>(word);
  // lab:futex stub: static_cast<void>(expected);
  // lab:futex stub: static_cast<void>(deadline);
  // lab:futex stub: static_cast<void>(bits);
  // lab:futex stub: panic("not implemented: lab futex, part 1");
  // lab:futex end
}

[[gnu::noinline]] Result<uint64_t> wait_for_foreign(Process& process, FutexWord word,
                                                    uint32_t expected, Instant deadline,
                                                    uint32_t bits) {
  Ref<mm::MemoryObject> keeper;
  const FutexKey key = TRY(futex_key_of(process, word, keeper));
  return wait_for_key(key, process, word, expected, deadline, bits);
}

[[gnu::noinline]] Result<uint64_t> wake_foreign(Process& process, FutexWord word, int32_t most,
                                                uint32_t bits) {
  Ref<mm::MemoryObject> keeper;
  const FutexKey key = TRY(futex_key_of(process, word, keeper));
  return wake_several(futex_bucket_of(key), key, most, bits);
}

}  // namespace

// ---- Buckets --------------------------------------------------------------------------------------

Result<FutexKey> futex_key_of(Process& process, FutexWord word, Ref<mm::MemoryObject>& keeper) {
  if (word.address % sizeof(uint32_t) != 0) return fail(Errno::inval);
  if (!mm::is_user_range(word.address, sizeof(uint32_t))) return fail(Errno::fault);
  if (!word.is_shared) return own_futex_key(process, word);
  auto key = TRY(process.memory->key_of(word.address));
  keeper = std::move(key.object);
  return FutexKey{key.space, key.offset + 1};
}

void FutexBucket::add(FutexWaiter& waiter) {
  waiter.bucket.store(this, relaxed);
  waiters.push_back(waiter);
}

void FutexBucket::remove(FutexWaiter& waiter) {
  decltype(waiters)::remove(waiter);
  waiter.bucket.store(nullptr, relaxed);
}

bool FutexBucket::end_wait(FutexWaiter& waiter) {
  decltype(waiters)::remove(waiter);
  if (!waiter.waiter.claim(Outcome::woken)) [[unlikely]] {
    waiter.bucket.store(nullptr, release);
    return false;
  }
  sched::wake_irqs_off(waiter.waiter.thread());
  waiter.bucket.store(nullptr, release);  // the last touch
  return true;
}

FutexWaiter* FutexBucket::next(const FutexWaiter* previous, const FutexKey& key) {
  FutexWaiter* waiter = previous == nullptr ? waiters.front() : waiters.after(*previous);
  while (waiter != nullptr && !waiter->waits_for(key)) waiter = waiters.after(*waiter);
  return waiter;
}

// A requeue may move it from one bucket to the next at any moment.
void leave_futex_bucket(FutexWaiter& waiter) {
  while (FutexBucket* const bucket = waiter.bucket.load(acquire)) {
    SpinGuard guard(bucket->lock);
    if (waiter.bucket.load(relaxed) == bucket) bucket->remove(waiter);
  }
}

// ---- Operations -----------------------------------------------------------------------------------

[[gnu::always_inline]] Result<uint64_t> futex_wait(Process& process, FutexWord word,
                                                   uint32_t expected, Instant deadline,
                                                   uint32_t bits) {
  if (!is_own_word(process, word)) [[unlikely]]
    return wait_for_foreign(process, word, expected, deadline, bits);
  return wait_for_key(own_futex_key(process, word), process, word, expected, deadline, bits);
}

[[gnu::always_inline]] Result<uint64_t> futex_wake(Process& process, FutexWord word, int32_t most,
                                                   uint32_t bits) {
  if (!is_own_word(process, word)) [[unlikely]]
    return wake_foreign(process, word, most, bits);
  return wake_key(own_futex_key(process, word), most, bits);
}

Result<uint64_t> futex_requeue(Process& process, FutexWord word, FutexWord other,
                               int32_t most_woken, int32_t most_moved,
                               const uint32_t* expected) NO_THREAD_SAFETY_ANALYSIS {
  if (most_woken < 0 || most_moved < 0) return fail(Errno::inval);
  Ref<mm::MemoryObject> keeper;
  Ref<mm::MemoryObject> other_keeper;
  const FutexKey key = TRY(futex_key_of(process, word, keeper));
  const FutexKey other_key = TRY(futex_key_of(process, other, other_keeper));
  FutexBucket& from = futex_bucket_of(key);
  FutexBucket& to = futex_bucket_of(other_key);
  for (;;) {
    // It must be there when the locks are held: then nothing can be brought.
    if (expected != nullptr) TRY(hal::load_user_word(word.address));
    PairGuard guard(from, to);
    if (expected != nullptr) {
      const auto value = hal::load_user_word(word.address);
      if (!value.has_value()) continue;
      if (*value != *expected) return fail(Errno::again);
    }
    int32_t done = 0;
    FutexWaiter* next = from.next(nullptr, key);
    while (FutexWaiter* const waiter = next) {
      if (done - most_woken >= most_moved) break;
      next = from.next(waiter, key);
      if (waiter->wants_owned) return fail(Errno::inval);
      if (done < most_woken) {
        if (from.end_wait(*waiter)) ++done;
      } else {
        from.remove(*waiter);
        waiter->space = other_key.space;
        waiter->offset = other_key.offset;
        to.add(*waiter);
        ++done;
      }
    }
    return static_cast<uint64_t>(done);
  }
}

Result<uint64_t> futex_wake_op(Process& process, FutexWord word, FutexWord other, int32_t most,
                               int32_t most_other, uint32_t operation) {
  Ref<mm::MemoryObject> keeper;
  Ref<mm::MemoryObject> other_keeper;
  const FutexKey key = TRY(futex_key_of(process, word, keeper));
  const FutexKey other_key = TRY(futex_key_of(process, other, other_keeper));
  const WakeOperation wanted(operation);
  TRY(wanted.compares(0));  // there is such a comparison
  const uint32_t old_value = TRY(change_word(other.address, wanted));
  uint64_t woken = TRY(wake_several(futex_bucket_of(key), key, most, k_any_bit));
  if (TRY(wanted.compares(old_value))) {
    woken += TRY(wake_several(futex_bucket_of(other_key), other_key, most_other, k_any_bit));
  }
  return woken;
}

}  // namespace weft::proc
