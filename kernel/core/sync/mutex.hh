// Mutex: the bathroom with one key. One thread holds it, the others queue at the door and sleep; it
// goes to the most urgent, and among equals to the one that has waited longest. The owner inherits
// the priority of those who wait (inheritance.hh).
//
// One word says all: 0, or the owner's address, plus one bit when somebody waits. Without
// contention, lock and unlock are one atomic instruction each. unlock() hands the mutex straight to
// the next waiter, so nobody can push in front of it.
#pragma once

#include <cstdint>

#include "core/base/annotations.hh"
#include "core/base/atomic.hh"
#include "core/base/ranks.hh"
#include "core/sched/wait_queue.hh"
#include "core/sync/inheritance.hh"

namespace weft {

class CAPABILITY("mutex") Mutex {
 public:
  constexpr explicit Mutex(Rank rank) : rank_(rank) {}
  ~Mutex();
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  // The three that lock are never inlined: their return address is the place that is noted.

  // May block. Locking a mutex that the caller owns is a bug: a panic that names both places.
  [[gnu::noinline]] void lock() ACQUIRE();
  [[gnu::noinline]] bool try_lock() TRY_ACQUIRE(true);
  // Blocks until then at most; false if it was not to be had.
  [[nodiscard, gnu::noinline]] bool lock_until(Instant deadline) TRY_ACQUIRE(true);
  // By the owner only; others panic.
  void unlock() RELEASE();

  // Who holds it; nullptr if nobody. It may have changed when the caller looks at it.
  Thread* owner() const { return to_thread(word_.load(relaxed)); }
  bool is_held() const { return owner() == hal::current(); }
  // Where the owner called lock(): for the debugger and for panics.
  uintptr_t locked_at() const { return locked_at_; }
  Rank rank() const { return rank_; }

  // For inheritance.cc.
  Mutex* next_wanted() const REQUIRES(inheritance_lock) { return next_wanted_; }
  // The most urgent waiter's priority.
  int urgency() const REQUIRES(inheritance_lock);
  // The owner, if somebody waits: then it needs the inheritance lock to unlock, so it stays the
  // owner, and alive, as long as the caller holds that lock. nullptr if nobody waits.
  Thread* pinned_owner() const REQUIRES(inheritance_lock);
  void reorder(Waiter& waiter) REQUIRES(inheritance_lock) { waiters_.reorder(waiter); }

 private:
  static constexpr uintptr_t k_waited_for = 1;

  static Thread* to_thread(uintptr_t word) {
    return reinterpret_cast<Thread*>(word & ~k_waited_for);
  }
  static uintptr_t to_word(const Thread* thread) { return reinterpret_cast<uintptr_t>(thread); }

  bool take_if_free();
  [[gnu::noinline]] void lock_slowly(uintptr_t place) ACQUIRE();
  bool spin_for_it();
  bool wait_for_it(WaitLimit limit);
  bool announce_waiter() REQUIRES(inheritance_lock);
  void hand_over() REQUIRES(inheritance_lock);
  void add_to_wanted(Thread& owner) REQUIRES(inheritance_lock);
  void remove_from_wanted(Thread& owner) REQUIRES(inheritance_lock);
  void note_locked(uintptr_t place);
  [[noreturn]] void refuse_recursion(uintptr_t place) const;

  Atomic<uintptr_t> word_{0};
  uintptr_t locked_at_ = 0;  // the owner's
  WaitQueue waiters_ GUARDED_BY(inheritance_lock){inheritance_lock};
  Mutex* next_wanted_ GUARDED_BY(inheritance_lock) = nullptr;
  Rank rank_;
};

class SCOPED_CAPABILITY MutexGuard {
 public:
  explicit MutexGuard(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexGuard() RELEASE() { mutex_.unlock(); }
  MutexGuard(const MutexGuard&) = delete;
  MutexGuard& operator=(const MutexGuard&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace weft
