#include "userlib/sys/futex.hh"

#include "userlib/syscalls.hh"

namespace weft::futex {
namespace {

constexpr int64_t k_private = abi::k_futex_private_flag;
constexpr uint32_t k_any_bit = abi::k_futex_bitset_match_any;

uint32_t* place_of(Atomic<uint32_t>& word) { return reinterpret_cast<uint32_t*>(&word); }

abi::Timespec timespec_of(Instant instant) {
  return {static_cast<int64_t>(instant / k_second), static_cast<int64_t>(instant % k_second)};
}

void wait_in(Atomic<uint32_t>& word, uint32_t value, int64_t scope) {
  (void)sys::futex(place_of(word), abi::k_futex_wait | scope, value, 0, nullptr, 0);
}

// FUTEX_WAIT takes a time from now, FUTEX_WAIT_BITSET an instant: so a wait that begins again after a
// false alarm does not begin its time anew.
bool wait_until_in(Atomic<uint32_t>& word, uint32_t value, Instant deadline, int64_t scope) {
  if (deadline == k_never) {
    wait_in(word, value, scope);
    return true;
  }
  const abi::Timespec time = timespec_of(deadline);
  const auto woken = sys::futex(place_of(word), abi::k_futex_wait_bitset | scope, value,
                                reinterpret_cast<uint64_t>(&time), nullptr, k_any_bit);
  return woken || woken.error() != Errno::timedout;
}

void wake_in(Atomic<uint32_t>& word, uint32_t count, int64_t scope) {
  (void)sys::futex(place_of(word), abi::k_futex_wake | scope, count, 0, nullptr, 0);
}

Result<> call(Atomic<uint32_t>& word, int64_t operation, const abi::Timespec* time) {
  TRY(sys::futex(place_of(word), operation | k_private, 0, reinterpret_cast<uint64_t>(time),
                 nullptr, 0));
  return {};
}

}  // namespace

void wait(Atomic<uint32_t>& word, uint32_t value) { wait_in(word, value, k_private); }
bool wait_until(Atomic<uint32_t>& word, uint32_t value, Instant deadline) {
  return wait_until_in(word, value, deadline, k_private);
}
void wake(Atomic<uint32_t>& word, uint32_t count) { wake_in(word, count, k_private); }
void wake_one(Atomic<uint32_t>& word) { wake_in(word, 1, k_private); }
void wake_all(Atomic<uint32_t>& word) { wake_in(word, INT32_MAX, k_private); }

void shared::wait(Atomic<uint32_t>& word, uint32_t value) { wait_in(word, value, 0); }
bool shared::wait_until(Atomic<uint32_t>& word, uint32_t value, Instant deadline) {
  return wait_until_in(word, value, deadline, 0);
}
void shared::wake_one(Atomic<uint32_t>& word) { wake_in(word, 1, 0); }
void shared::wake_all(Atomic<uint32_t>& word) { wake_in(word, INT32_MAX, 0); }

Result<> lock_inheriting(Atomic<uint32_t>& word) {
  return call(word, abi::k_futex_lock_pi, nullptr);
}
Result<> lock_inheriting_until(Atomic<uint32_t>& word, Instant deadline) {
  const abi::Timespec time = timespec_of(deadline);
  return call(word, abi::k_futex_lock_pi2, &time);
}
Result<> try_lock_inheriting(Atomic<uint32_t>& word) {
  return call(word, abi::k_futex_trylock_pi, nullptr);
}
Result<> unlock_inheriting(Atomic<uint32_t>& word) {
  return call(word, abi::k_futex_unlock_pi, nullptr);
}

}  // namespace weft::futex
