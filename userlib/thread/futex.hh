// Sleeping on a word until another thread changes it. Everything in this room that waits, waits here.
#pragma once

#include <cstdint>

#include "core/base/atomic.hh"
#include "core/base/types.hh"
#include "userlib/syscalls.hh"

namespace weft::futex {

inline uint32_t* word_of(Atomic<uint32_t>& word) { return reinterpret_cast<uint32_t*>(&word); }

// Sleeps as long as the word has that value, until a wake. May come back for no reason: look again.
inline void wait(Atomic<uint32_t>& word, uint32_t value) {
  (void)sys::futex(word_of(word), abi::k_futex_wait | abi::k_futex_private_flag, value, 0, nullptr,
                   0);
}

// The same, no longer than that. False when the time is over.
inline bool wait_for(Atomic<uint32_t>& word, uint32_t value, Nanoseconds duration) {
  const abi::Timespec time = {static_cast<int64_t>(duration / k_second),
                              static_cast<int64_t>(duration % k_second)};
  const auto woken = sys::futex(word_of(word), abi::k_futex_wait | abi::k_futex_private_flag, value,
                                reinterpret_cast<uint64_t>(&time), nullptr, 0);
  return woken || woken.error() != Errno::timedout;
}

inline void wake_one(Atomic<uint32_t>& word) {
  (void)sys::futex(word_of(word), abi::k_futex_wake | abi::k_futex_private_flag, 1, 0, nullptr, 0);
}

inline void wake_all(Atomic<uint32_t>& word) {
  (void)sys::futex(word_of(word), abi::k_futex_wake | abi::k_futex_private_flag, INT32_MAX, 0,
                   nullptr, 0);
}

}  // namespace weft::futex
