// Event, Barrier, Latch and Once.
#include "core/sync/event.hh"

#include <gtest/gtest.h>

#include "core/sync/barrier.hh"
#include "core/sync/latch.hh"
#include "core/sync/once.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

TEST(Event, LetsPassWhileItIsSet) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Event event;
      EXPECT_FALSE(event.is_set());
      ThreadHandle waiter = host::start({}, [&] { event.wait(); });
      host::await_blocked(*waiter, BlockReason::waiting);
      event.set();
      event.clear();  // who was woken passes all the same
      waiter.join();
      EXPECT_FALSE(event.is_set());
      event.set();
      event.wait();  // at once
      EXPECT_TRUE(event.is_set());
    });
  });
}

TEST(Event, AWaitEndsAtItsDeadlineOrByAnInterrupt) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Event event;
      const Instant deadline = hal::now() + k_millisecond;
      EXPECT_EQ(event.wait(WaitLimit::until(deadline)).error(), Errno::timedout);
      EXPECT_GE(hal::now(), deadline);
      ThreadHandle waiter = host::start(
          {}, [&] { EXPECT_EQ(event.wait({.interruptible = true}).error(), Errno::intr); });
      host::await_blocked(*waiter, BlockReason::waiting);
      sched::interrupt(*waiter);
      waiter.join();
    });
  });
}

TEST(Barrier, NobodyPassesBeforeAllHaveCome) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Barrier barrier(3);
      host::Crew crew;
      for (int i = 0; i < 2; ++i) {
        host::await_blocked(crew.add([&] { EXPECT_FALSE(barrier.arrive_and_wait()); }),
                            BlockReason::waiting);
      }
      EXPECT_TRUE(barrier.arrive_and_wait());
    });
  });
}

TEST(Barrier, ABarrierForOneIsOpen) {
  Machine machine;
  machine.run([] {
    Barrier barrier(1);
    EXPECT_TRUE(barrier.arrive_and_wait());
    EXPECT_TRUE(barrier.arrive_and_wait());
  });
}

TEST(BarrierDeathTest, SomebodyComes) {
  EXPECT_DEATH(Barrier barrier(0), "somebody comes to a barrier");
}

TEST(Latch, OpensOnceWhenAllHaveCome) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Latch latch(3);
      host::Crew crew;
      host::await_blocked(crew.add([&] { latch.wait(); }), BlockReason::waiting);
      host::await_blocked(crew.add([&] { latch.arrive_and_wait(2); }), BlockReason::waiting);
      EXPECT_FALSE(latch.try_wait());
      latch.count_down();
      crew.join();
      EXPECT_TRUE(latch.try_wait());
      latch.wait();  // at once, and for ever
    });
  });
}

TEST(Latch, AWaitEndsAtItsDeadlineOrByAnInterrupt) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Latch latch(1);
      const Instant deadline = hal::now() + k_millisecond;
      EXPECT_EQ(latch.wait(WaitLimit::until(deadline)).error(), Errno::timedout);
      EXPECT_GE(hal::now(), deadline);
      ThreadHandle waiter = host::start(
          {}, [&] { EXPECT_EQ(latch.wait({.interruptible = true}).error(), Errno::intr); });
      host::await_blocked(*waiter, BlockReason::waiting);
      sched::interrupt(*waiter);
      waiter.join();
      latch.count_down();
      EXPECT_TRUE(latch.wait(WaitLimit::until(0)).has_value());
    });
  });
}

TEST(LatchDeathTest, CountsNoFurtherThanToZero) {
  const auto count_too_far = [] {
    Machine machine;
    machine.run([] {
      Latch latch(1);
      latch.count_down(2);
    });
  };
  EXPECT_DEATH(count_too_far(), "a latch counts down to zero and no further");
}

TEST(Once, WhoComesMeanwhileWaits) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Once once(Rank::user);
      Event may_end;
      int runs = 0;
      host::Crew crew;
      Thread& first = crew.add([&] {
        once.call([&] {
          may_end.wait();
          ++runs;
        });
      });
      host::await_blocked(first, BlockReason::waiting);
      Thread& second = crew.add([&] {
        once.call([&] { ++runs; });
        EXPECT_EQ(runs, 1);
      });
      host::await_blocked(second, BlockReason::locked);
      may_end.set();
      crew.join();
      once.call([&] { ++runs; });
      EXPECT_EQ(runs, 1);
    });
  });
}

}  // namespace
}  // namespace weft
