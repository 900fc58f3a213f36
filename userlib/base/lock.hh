// Lock: the small lock of this library's own data. The thread room's mutex does more.
//
// Three states in one word (U. Drepper, "Futexes Are Tricky", mutex 2): free, held, held with threads
// asleep. Only a thread that found it held writes `contended`, so an unlock that finds `held` knows
// that nobody sleeps, and makes no system call.
//
// A coroutine that holds one keeps its worker (sys/uninterrupted.hh).
#pragma once

#include "core/base/annotations.hh"
#include "core/base/assert.hh"
#include "core/base/atomic.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/uninterrupted.hh"

namespace weft {

class CAPABILITY("lock") Lock {
 public:
  constexpr Lock() = default;

  void lock() ACQUIRE() {
    sys::enter_uninterrupted();
    // lab:futex begin 3
    uint32_t seen = k_free;
    if (state_.compare_exchange(seen, k_held, acquire)) [[likely]]
      return;
    while (state_.exchange(k_contended, acquire) != k_free) {
      futex::wait(state_, k_contended);
    }
    // lab:futex stub: panic("not implemented: lab futex, part 3");
    // lab:futex end
  }

  bool try_lock() TRY_ACQUIRE(true) {
    // lab:futex begin 3
    uint32_t seen = k_free;
    sys::enter_uninterrupted();
    if (state_.compare_exchange(seen, k_held, acquire)) return true;
    sys::leave_uninterrupted();
    return false;
    // lab:futex stub: panic("not implemented: lab futex, part 3");
    // lab:futex end
  }

  void unlock() RELEASE() {
    // lab:futex begin 3
    if (state_.exchange(k_free, release) == k_contended) [[unlikely]]
      futex::wake_one(state_);
    sys::leave_uninterrupted();
    // lab:futex stub: panic("not implemented: lab futex, part 3");
    // lab:futex end
  }

 private:
  static constexpr uint32_t k_free = 0;
  static constexpr uint32_t k_held = 1;
  static constexpr uint32_t k_contended = 2;

  Atomic<uint32_t> state_{k_free};
};

class SCOPED_CAPABILITY LockGuard {
 public:
  explicit LockGuard(Lock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
  ~LockGuard() RELEASE() { lock_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace weft
