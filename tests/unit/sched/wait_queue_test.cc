// The wait protocol: prepare, test, block, finish.
#include "core/sched/wait_queue.hh"

#include <vector>

#include <gtest/gtest.h>

#include "core/sync/irq_guard.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

struct Place {
  SpinLock lock{Rank::wait_queue};
  WaitQueue queue{lock};
};

// Waits on the queue as the locks do, and says how that ended.
Outcome wait(Place& place, WaitLimit limit = {}) {
  Waiter self(BlockReason::waiting, &place);
  SpinGuard guard(place.lock);
  place.queue.prepare(self);
  return place.queue.block(self, limit);
}

TEST(WaitQueue, AWaiterSleepsUntilItIsWoken) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Place place;
      ThreadHandle waiter = host::start({}, [&] { EXPECT_EQ(wait(place), Outcome::woken); });
      host::await_blocked(*waiter, BlockReason::waiting);
      {
        SpinGuard guard(place.lock);
        EXPECT_FALSE(place.queue.empty());
        EXPECT_EQ(&place.queue.front()->thread(), &*waiter);
        EXPECT_EQ(place.queue.wake_one(), &*waiter);
        EXPECT_EQ(place.queue.wake_one(), nullptr);
        EXPECT_TRUE(place.queue.empty());
      }
      waiter.join();
    });
  });
}

// The heart of it: a wake-up between prepare and block is not lost.
TEST(WaitQueue, AWakeUpBeforeTheSleepIsNotLost) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Place place;
      Waiter self(BlockReason::waiting, &place);
      {
        SpinGuard guard(place.lock);
        place.queue.prepare(self);
      }
      ThreadHandle waker = host::start({}, [&] {
        SpinGuard guard(place.lock);
        EXPECT_NE(place.queue.wake_one(), nullptr);
      });
      while (self.outcome() == Outcome::pending) sched::yield();
      EXPECT_EQ(self.block(), Outcome::woken);
      {
        SpinGuard guard(place.lock);
        EXPECT_EQ(place.queue.finish(self), Outcome::woken);
      }
      waker.join();
    });
  });
}

TEST(WaitQueue, AWaitCanBeGivenUpAfterTheTest) {
  Machine machine;
  machine.run([] {
    Place place;
    Waiter self(BlockReason::waiting, &place);
    SpinGuard guard(place.lock);
    place.queue.prepare(self);
    EXPECT_EQ(place.queue.finish(self), Outcome::pending);
    EXPECT_TRUE(place.queue.empty());
  });
}

TEST(WaitQueue, WakeAllCountsThoseItWoke) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Place place;
      host::Crew crew;
      for (int i = 0; i < 3; ++i) {
        host::await_blocked(crew.add([&] { EXPECT_EQ(wait(place), Outcome::woken); }),
                            BlockReason::waiting);
      }
      SpinGuard guard(place.lock);
      EXPECT_EQ(place.queue.wake_all(), 3u);
      EXPECT_EQ(place.queue.wake_all(), 0u);
    });
  });
}

TEST(WaitQueue, AWaitEndsAtItsDeadlineAndNotBefore) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Place place;
      const Instant deadline = hal::now() + k_millisecond;
      EXPECT_EQ(wait(place, WaitLimit::until(deadline)), Outcome::timed_out);
      EXPECT_GE(hal::now(), deadline);
      EXPECT_EQ(wait(place, WaitLimit::until(0)), Outcome::timed_out);
      SpinGuard guard(place.lock);
      EXPECT_TRUE(place.queue.empty());
    });
  });
}

// A waiter that timed out a moment ago may still be on the queue: the wake-up goes to the next.
TEST(WaitQueue, AWakeUpIsNotSpentOnAWaitThatIsOver) {
  Machine machine;
  machine.run([] {
    Place place;
    Waiter over(BlockReason::waiting, &place);
    ThreadHandle next;
    {
      SpinGuard guard(place.lock);
      place.queue.prepare(over);
      EXPECT_TRUE(over.claim(Outcome::timed_out));
      EXPECT_FALSE(over.claim(Outcome::woken));
    }
    next = host::start({}, [&] { EXPECT_EQ(wait(place), Outcome::woken); });
    host::await_blocked(*next, BlockReason::waiting);
    {
      SpinGuard guard(place.lock);
      EXPECT_EQ(place.queue.wake_one(), &*next);
    }
    EXPECT_EQ(over.outcome(), Outcome::timed_out);
    next.join();
  });
}

TEST(WaitQueue, KeepsTheOrderOfPriorities) {
  Machine machine;
  machine.run([] {
    Place place;
    host::Record record;
    host::Crew crew;
    const std::vector<int> priorities{20, 40, 31, 40};
    for (size_t i = 0; i < priorities.size(); ++i) {
      Thread& thread = crew.add({.priority = priorities[i]}, [&, i] {
        Waiter self(BlockReason::waiting, &place);
        SpinGuard guard(place.lock);
        place.queue.prepare_by_priority(self);
        place.queue.block(self);
        record.add(static_cast<int>(i));
      });
      host::await_blocked(thread, BlockReason::waiting);
    }
    for (size_t i = 0; i < priorities.size(); ++i) {
      {
        SpinGuard guard(place.lock);
        Waiter* first = place.queue.front();
        Waiter* second = place.queue.after(*first);
        EXPECT_EQ(second == nullptr, i + 1 == priorities.size());
        EXPECT_TRUE(place.queue.wake(*first));
      }
      host::await([&] { return record.all().size() == i + 1; });
    }
    crew.join();
    EXPECT_EQ(record.all(), std::vector<int>({1, 3, 2, 0}));
  });
}

TEST(Interrupt, EndsAnInterruptibleWait) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Place place;
      ThreadHandle waiter = host::start(
          {}, [&] { EXPECT_EQ(wait(place, {.interruptible = true}), Outcome::interrupted); });
      host::await_blocked(*waiter, BlockReason::waiting);
      sched::interrupt(*waiter);
      waiter.join();
    });
  });
}

TEST(Interrupt, IsRememberedForTheNextInterruptibleWait) {
  Machine machine;
  machine.run([] {
    Place place;
    sched::interrupt(*hal::current());
    EXPECT_EQ(wait(place, WaitLimit::until(hal::now())), Outcome::timed_out);  // not interruptible
    EXPECT_EQ(wait(place, {.interruptible = true}), Outcome::interrupted);
    const WaitLimit soon{.deadline = hal::now() + k_microsecond, .interruptible = true};
    EXPECT_EQ(wait(place, soon), Outcome::timed_out);  // it is used up
  });
}

TEST(Interrupt, DoesNotEndAWaitThatIsNotInterruptible) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Place place;
      ThreadHandle waiter = host::start({}, [&] {
        EXPECT_EQ(wait(place), Outcome::woken);
        EXPECT_EQ(wait(place, {.interruptible = true}), Outcome::interrupted);
      });
      host::await_blocked(*waiter, BlockReason::waiting);
      sched::interrupt(*waiter);
      EXPECT_TRUE(host::is_blocked(*waiter, BlockReason::waiting));
      {
        SpinGuard guard(place.lock);
        place.queue.wake_one();
      }
      waiter.join();
    });
  });
}

TEST(Outcome, BecomesAResult) {
  EXPECT_TRUE(to_result(Outcome::woken).has_value());
  EXPECT_EQ(to_result(Outcome::timed_out).error(), Errno::timedout);
  EXPECT_EQ(to_result(Outcome::interrupted).error(), Errno::intr);
  EXPECT_DEATH(static_cast<void>(to_result(Outcome::pending)),
               "a wait that has ended has an outcome");
}

TEST(WaitQueueDeathTest, NobodyWaitsForWhatGoesAway) {
  EXPECT_DEATH(
      {
        Waiter waiter(BlockReason::waiting, nullptr);
        Place place;
        SpinGuard guard(place.lock);
        place.queue.prepare(waiter);
      },
      "nobody waits for what goes away");
}

}  // namespace
}  // namespace weft
