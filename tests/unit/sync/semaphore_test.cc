#include "core/sync/semaphore.hh"

#include <gtest/gtest.h>

#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

TEST(Semaphore, GivesOutAsManyKeysAsItHas) {
  Machine machine;
  machine.run([] {
    Semaphore semaphore(2);
    EXPECT_EQ(semaphore.keys(), 2u);
    EXPECT_TRUE(semaphore.try_acquire());
    semaphore.acquire();
    EXPECT_FALSE(semaphore.try_acquire());
    EXPECT_EQ(semaphore.keys(), 0u);
    semaphore.release(3);
    EXPECT_EQ(semaphore.keys(), 3u);
  });
}

TEST(Semaphore, HandsKeysOutInTheOrderOfArrival) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Semaphore semaphore(0);
      host::Record record;
      host::Crew crew;
      for (int i = 0; i < 4; ++i) {
        Thread& thread = crew.add({.priority = 20 + i}, [&, i] {
          semaphore.acquire();
          record.add(i);
          semaphore.release();
        });
        host::await_blocked(thread, BlockReason::waiting);
      }
      semaphore.release();
      crew.join();
      EXPECT_EQ(record.all(), std::vector<int>({0, 1, 2, 3}));
      EXPECT_EQ(semaphore.keys(), 1u);
    });
  });
}

// A key that is given out to a waiter is gone: nobody can take it on the way.
TEST(Semaphore, AReleasedKeyGoesStraightToTheWaiter) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Semaphore semaphore(0);
      ThreadHandle waiter = host::start({}, [&] { semaphore.acquire(); });
      host::await_blocked(*waiter, BlockReason::waiting);
      semaphore.release();
      EXPECT_FALSE(semaphore.try_acquire());
      waiter.join();
      EXPECT_EQ(semaphore.keys(), 0u);
    });
  });
}

TEST(Semaphore, AWaitEndsAtItsDeadlineOrByAnInterrupt) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Semaphore semaphore(0);
      const Instant deadline = hal::now() + k_millisecond;
      EXPECT_EQ(semaphore.acquire(WaitLimit::until(deadline)).error(), Errno::timedout);
      EXPECT_GE(hal::now(), deadline);

      ThreadHandle waiter = host::start(
          {}, [&] { EXPECT_EQ(semaphore.acquire({.interruptible = true}).error(), Errno::intr); });
      host::await_blocked(*waiter, BlockReason::waiting);
      sched::interrupt(*waiter);
      waiter.join();

      semaphore.release();  // those who gave up hold no place in the queue
      EXPECT_EQ(semaphore.keys(), 1u);
    });
  });
}

TEST(BoundedSemaphore, RefusesAKeyItDidNotGiveOut) {
  Machine machine;
  machine.run([] {
    BoundedSemaphore semaphore(1);
    EXPECT_EQ(semaphore.release().error(), Errno::overflow);
    EXPECT_EQ(semaphore.keys(), 1u);
    semaphore.acquire();
    EXPECT_FALSE(semaphore.try_acquire());
    EXPECT_TRUE(semaphore.release().has_value());
    EXPECT_EQ(semaphore.release().error(), Errno::overflow);
  });
}

TEST(BoundedSemaphore, ReleaseWakesAWaiter) {
  Machine machine({.cpus = 2});
  machine.run([] {
    BoundedSemaphore semaphore(1);
    semaphore.acquire();
    ThreadHandle waiter = host::start({}, [&] { semaphore.acquire(); });
    host::await_blocked(*waiter, BlockReason::waiting);
    EXPECT_TRUE(semaphore.release().has_value());
    waiter.join();
    EXPECT_EQ(semaphore.keys(), 0u);
    EXPECT_TRUE(semaphore.release().has_value());
  });
}

}  // namespace
}  // namespace weft
