// The debug build's watch over locks: the order of ranks, no sleep under a spin lock, no lock taken
// twice. A release build compiles all of it away.
//
// Spin locks are noted with the CPU that holds them, sleeping locks with the thread. So a spin lock
// that one thread takes and the next releases (the run queue's, across a switch) needs no exception.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/assert.hh"
#include "core/base/ranks.hh"
#include "core/base/types.hh"

namespace weft {

// One lock that is held: which, and the calls that led to taking it.
struct HeldLock {
  const void* lock = nullptr;
  Rank rank{};
  std::array<uintptr_t, 6> taken_at{};
};

// The locks that one CPU or one thread holds, in the order of taking. Nothing in a release build.
struct HeldLocks {
  static constexpr unsigned k_most = WEFT_DEBUG ? 12 : 0;
  std::array<HeldLock, k_most> held{};
  unsigned count = 0;
};

#if WEFT_DEBUG

// Panics with both places if taking a lock of this rank now would be out of order.
void check_spin_order(const void* lock, Rank rank);
void note_spin_locked(const void* lock, Rank rank);
void note_spin_unlocked(const void* lock);
void check_sleeping_order(const void* lock, Rank rank);
void note_sleeping_locked(const void* lock, Rank rank);
void note_sleeping_unlocked(const void* lock);
// Panics if the running thread may not block here: it holds a spin lock, or interrupts are off.
void check_may_block();
// The same where interrupts are off until the thread is off its CPU.
void check_may_block_irqs_off();

#else

inline void check_spin_order(const void*, Rank) {}
inline void note_spin_locked(const void*, Rank) {}
inline void note_spin_unlocked(const void*) {}
inline void check_sleeping_order(const void*, Rank) {}
inline void note_sleeping_locked(const void*, Rank) {}
inline void note_sleeping_unlocked(const void*) {}
inline void check_may_block() {}
inline void check_may_block_irqs_off() {}

#endif

// Writes the locks held by this CPU and this thread, each with its place. For panics.
void write_held_locks();

}  // namespace weft
