// The debug build's watch over locks: each misuse ends in a panic that names it.
#include "core/sync/lock_check.hh"

#include <gtest/gtest.h>

#include "core/sync/guarded.hh"
#include "core/sync/irq_guard.hh"
#include "core/sync/mutex.hh"
#include "core/sync/rw_lock.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

// Locks are misused on purpose here.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

namespace weft {
namespace {

// Runs the body as a thread, in the child process of a death test.
template <typename Body>
void on_a_machine(Body body) {
  host::Machine machine({.cpus = 2, .seed = 3});
  machine.run(body);
}

TEST(LockCheck, LocksInTheOrderOfRanksAreFine) {
  host::Machine machine;
  machine.run([] {
    Mutex outer(Rank::user);
    Mutex inner(Rank::user_inner);
    SpinLock spin(Rank::user_spin);
    SpinLock last(Rank::log);
    MutexGuard one(outer);
    MutexGuard two(inner);
    SpinGuard three(spin);
    SpinGuard four(last);
  });
}

// Not each time in the order of taking.
TEST(LockCheck, LocksMayBeLetGoInAnyOrder) {
  host::Machine machine;
  machine.run([] {
    Mutex outer(Rank::user);
    Mutex inner(Rank::user_inner);
    outer.lock();
    inner.lock();
    outer.unlock();
    inner.unlock();
    outer.lock();
    outer.unlock();
  });
}

TEST(LockCheckDeathTest, SpinLocksOutOfOrder) {
  const auto misuse = [] {
    SpinLock outer(Rank::run_queue);
    SpinLock inner(Rank::timers);
    outer.lock();
    inner.lock();
  };
  EXPECT_DEATH(misuse(), "locks are taken in the order of their ranks");
  EXPECT_DEATH(misuse(),
               "rank 140, is wanted while this is held:\n  lock .*rank 150, taken at\n  ");
}

TEST(LockCheckDeathTest, ASpinLockTwice) {
  const auto misuse = [] {
    SpinLock lock(Rank::user_spin);
    lock.lock();
    lock.lock();
  };
  EXPECT_DEATH(misuse(), "a lock is not taken twice by one holder");
}

TEST(LockCheckDeathTest, UnlockOfWhatIsNotHeld) {
  const auto misuse = [] {
    SpinLock lock(Rank::user_spin);
    lock.unlock();
  };
  EXPECT_DEATH(misuse(), "only a lock that is held is unlocked");
}

TEST(LockCheckDeathTest, MutexesOutOfOrder) {
  EXPECT_DEATH(on_a_machine([] {
                 Mutex outer(Rank::user_inner);
                 Mutex inner(Rank::user);
                 outer.lock();
                 inner.lock();
               }),
               "locks are taken in the order of their ranks");
}

TEST(LockCheckDeathTest, TwoLocksOfOneRank) {
  EXPECT_DEATH(on_a_machine([] {
                 RwLock one(Rank::user);
                 RwLock other(Rank::user);
                 one.lock_shared();
                 other.lock_shared();
               }),
               "locks are taken in the order of their ranks");
}

TEST(LockCheckDeathTest, AMutexUnderASpinLock) {
  EXPECT_DEATH(on_a_machine([] {
                 Mutex mutex(Rank::user);
                 SpinLock spin(Rank::user_spin);
                 SpinGuard guard(spin);
                 mutex.lock();
               }),
               "nobody blocks under a spin lock");
}

TEST(LockCheckDeathTest, SleepingWithInterruptsOff) {
  EXPECT_DEATH(on_a_machine([] {
                 IrqGuard irqs_off;
                 sched::sleep_for(1);
               }),
               "nobody blocks with interrupts off");
}

TEST(LockCheckDeathTest, SleepingWithPreemptionOff) {
  EXPECT_DEATH(on_a_machine([] {
                 PreemptGuard guard;
                 Semaphore none(0);
                 none.acquire();
               }),
               "nobody blocks while preemption is off");
}

TEST(LockCheckDeathTest, TooManyLocks) {
  EXPECT_DEATH(
      {
        for (uint16_t i = 0; i <= HeldLocks::k_most; ++i) {
          note_spin_locked(nullptr, static_cast<Rank>(200 + i));
        }
      },
      "nobody holds so many locks at once");
}

// A panic tells what is held, so that one sees who cannot go on.
TEST(LockCheckDeathTest, APanicNamesTheLocksHeld) {
  EXPECT_DEATH(on_a_machine([] {
                 Mutex mutex(Rank::user);
                 MutexGuard guard(mutex);
                 panic("for the test");
               }),
               "thread:  1 \"test\", priority 31, Running\nlocks:\n  lock .*rank 10, taken at");
  EXPECT_DEATH(panic("for the test"), "locks:   none noted");
}

}  // namespace
}  // namespace weft
