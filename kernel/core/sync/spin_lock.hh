// SpinLock: for a few instructions' work on data that several CPUs share. Fair: a ticket lock serves
// in the order of arrival. Interrupts are off while it is held, so its holder keeps its CPU, and an
// interrupt handler may take it as well.
#pragma once

#include <cstdint>

#include "core/base/annotations.hh"
#include "core/base/atomic.hh"
#include "core/base/ranks.hh"

namespace weft {

class CAPABILITY("spin lock") SpinLock {
 public:
  constexpr explicit SpinLock(Rank rank) : rank_(rank) {}
  SpinLock(const SpinLock&) = delete;
  SpinLock& operator=(const SpinLock&) = delete;

  // Any context. Never called twice by one holder (debug builds panic).
  void lock() ACQUIRE();
  bool try_lock() TRY_ACQUIRE(true);
  // May give the CPU to another thread, if that was asked for while interrupts were off.
  void unlock() RELEASE();

  // The same pair for code that has interrupts off anyway, and leaves them off: a few instructions
  // shorter. For the run queues, which every switch locks. Who locks in one way unlocks in the same.
  void lock_irqs_off() ACQUIRE();
  void unlock_irqs_off() RELEASE();
  // And for code that has them on for certain, as a system call under no spin lock.
  void lock_irqs_on() ACQUIRE();
  void unlock_irqs_on() RELEASE();
  // For who has unlocked with interrupts off, blocked, and has them on again: whatever unlocks it, then.
  void lock_again() ACQUIRE();

  // Somebody holds it (anybody: for assertions and for the debugger).
  bool is_locked() const { return now_served_.load(relaxed) != next_ticket_.load(relaxed); }
  Rank rank() const { return rank_; }

 private:
  void take_ticket_and_wait();
  void serve_next();

  Atomic<uint32_t> next_ticket_{0};
  Atomic<uint32_t> now_served_{0};
  Rank rank_;
  bool irqs_were_on_ = false;  // the holder's; written only while the lock is held
};

// Holds a spin lock for the length of a block.
class SCOPED_CAPABILITY SpinGuard {
 public:
  explicit SpinGuard(SpinLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
  ~SpinGuard() RELEASE() { lock_.unlock(); }
  SpinGuard(const SpinGuard&) = delete;
  SpinGuard& operator=(const SpinGuard&) = delete;

 private:
  SpinLock& lock_;
};

// The same where it is known whether interrupts are on (lock_irqs_off(), lock_irqs_on()).
class SCOPED_CAPABILITY SpinGuardIrqsOff {
 public:
  explicit SpinGuardIrqsOff(SpinLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock_irqs_off(); }
  ~SpinGuardIrqsOff() RELEASE() { lock_.unlock_irqs_off(); }
  SpinGuardIrqsOff(const SpinGuardIrqsOff&) = delete;
  SpinGuardIrqsOff& operator=(const SpinGuardIrqsOff&) = delete;

 private:
  SpinLock& lock_;
};

class SCOPED_CAPABILITY SpinGuardIrqsOn {
 public:
  explicit SpinGuardIrqsOn(SpinLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock_irqs_on(); }
  ~SpinGuardIrqsOn() RELEASE() { lock_.unlock_irqs_on(); }
  SpinGuardIrqsOn(const SpinGuardIrqsOn&) = delete;
  SpinGuardIrqsOn& operator=(const SpinGuardIrqsOn&) = delete;

 private:
  SpinLock& lock_;
};

}  // namespace weft
