#include "core/sync/spin_lock.hh"

#include <array>

#include <gtest/gtest.h>

#include "core/sync/guarded.hh"
#include "core/sync/irq_guard.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

// try_lock() stands in a macro here, where the compiler loses track of it.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

namespace weft {
namespace {

using host::Machine;

TEST(SpinLock, KeepsInterruptsOffWhileItIsHeld) {
  SpinLock lock(Rank::user_spin);
  EXPECT_FALSE(lock.is_locked());
  {
    SpinGuard guard(lock);
    EXPECT_TRUE(lock.is_locked());
    EXPECT_FALSE(hal::irq_enabled());
  }
  EXPECT_FALSE(lock.is_locked());
  EXPECT_TRUE(hal::irq_enabled());
  EXPECT_EQ(lock.rank(), Rank::user_spin);
}

TEST(SpinLock, LeavesInterruptsOffIfTheyWere) {
  SpinLock lock(Rank::user_spin);
  IrqGuard irqs_off;
  {
    SpinGuard guard(lock);
  }
  EXPECT_FALSE(hal::irq_enabled());
}

TEST(SpinLock, WhoKnowsHowInterruptsAreFindsThemSoAfterwards) {
  SpinLock lock(Rank::user_spin);
  {
    SpinGuardIrqsOn guard(lock);
    EXPECT_TRUE(lock.is_locked());
    EXPECT_FALSE(hal::irq_enabled());
  }
  EXPECT_FALSE(lock.is_locked());
  EXPECT_TRUE(hal::irq_enabled());
  IrqGuard irqs_off;
  {
    SpinGuardIrqsOff guard(lock);
    EXPECT_TRUE(lock.is_locked());
  }
  EXPECT_FALSE(lock.is_locked());
  EXPECT_FALSE(hal::irq_enabled());
}

TEST(SpinLock, TryLockTakesOnlyAFreeLock) {
  SpinLock lock(Rank::user_spin);
  ASSERT_TRUE(lock.try_lock());
  EXPECT_FALSE(hal::irq_enabled());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  EXPECT_TRUE(hal::irq_enabled());
  EXPECT_FALSE(lock.is_locked());
}

// One thread on each CPU. With interrupts off already, there is no step between counting oneself as
// come and taking a ticket; so the order of coming is exact.
TEST(SpinLock, ServesInTheOrderOfArrival) {
  host::for_seeds(30, [](uint64_t seed) {
    Machine machine({.cpus = 4, .seed = seed});
    machine.run([] {
      SpinLock lock(Rank::user_spin);
      unsigned arrivals = 0;
      unsigned served = 0;
      host::Crew crew;
      for (unsigned cpu = 0; cpu < 4; ++cpu) {
        crew.add({.cpu_mask = CpuMask{1} << cpu}, [&] {
          for (int round = 0; round < 10; ++round) {
            IrqGuard irqs_off;
            const unsigned ticket = arrivals++;
            SpinGuard guard(lock);
            EXPECT_EQ(served++, ticket);
            hal::relax();
          }
        });
      }
      crew.join();
      EXPECT_EQ(served, 40u);
    });
  });
}

TEST(Guarded, LendsItsDataUnderTheLock) {
  Guarded<int, Rank::user_spin> number(5);
  EXPECT_EQ(number.with([](int& value) {
    EXPECT_FALSE(hal::irq_enabled());
    return value++;
  }),
            5);
  {
    auto locked = number.lock();
    EXPECT_EQ(*locked, 6);
    EXPECT_FALSE(hal::irq_enabled());
  }
  EXPECT_TRUE(hal::irq_enabled());

  struct Pair {
    int first = 1;
  };
  Guarded<Pair, Rank::user_spin> pair;
  EXPECT_EQ(pair.lock()->first, 1);
}

TEST(IrqGuard, Nests) {
  EXPECT_TRUE(hal::irq_enabled());
  {
    IrqGuard outer;
    {
      IrqGuard inner;
      EXPECT_FALSE(hal::irq_enabled());
    }
    EXPECT_FALSE(hal::irq_enabled());
  }
  EXPECT_TRUE(hal::irq_enabled());
}

// An interrupt may ask for the CPU while the guard lives; the thread gives it away at its end.
TEST(PreemptGuard, KeepsTheCpuUntilItsEnd) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine({.cpus = 1, .seed = seed});
    machine.run([] {
      Atomic<bool> guard_is_over{false};
      uint64_t switches_inside = 0;
      host::Crew crew;
      {
        PreemptGuard guard;
        crew.add([&] { EXPECT_TRUE(guard_is_over.load(relaxed)); });
        const Instant start = hal::now();
        while (hal::now() < start + 50 * k_millisecond) hal::relax();
        EXPECT_TRUE(hal::irq_enabled());
        EXPECT_TRUE(hal::current()->wants_reschedule);
        switches_inside = sched::view_thread(*hal::current()).switches;
        guard_is_over.store(true, relaxed);
      }
      EXPECT_GT(sched::view_thread(*hal::current()).switches, switches_inside);
    });
  });
}

}  // namespace
}  // namespace weft
