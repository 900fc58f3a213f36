// The life of a thread: New, Runnable, Running, Blocked, Dead. Made, joined, detached.
#include "core/sched/thread.hh"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/mm/fault_injection.hh"
#include "core/proc/kernel_thread.hh"
#include "core/sync/event.hh"
#include "core/sync/irq_guard.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

TEST(Thread, StatesHaveTheNamesThatStudentsLearn) {
  const auto name = [](ThreadState state, BlockReason reason = BlockReason::none) {
    return std::string(state_name(state, reason));
  };
  EXPECT_EQ(name(ThreadState::fresh), "New");
  EXPECT_EQ(name(ThreadState::runnable), "Runnable");
  EXPECT_EQ(name(ThreadState::running), "Running");
  EXPECT_EQ(name(ThreadState::blocked, BlockReason::waiting), "Waiting");
  EXPECT_EQ(name(ThreadState::blocked, BlockReason::locked), "Locked");
  EXPECT_EQ(name(ThreadState::blocked, BlockReason::sleeping), "Sleeping");
  EXPECT_EQ(name(ThreadState::blocked), "Waiting");
  EXPECT_EQ(name(ThreadState::dead), "Dead");
}

TEST(Thread, ANameIsCutOffAtItsRoom) {
  Thread thread("short");
  EXPECT_EQ(thread.name(), "short");
  EXPECT_EQ(thread.state, ThreadState::fresh);
  EXPECT_EQ(thread.id(), 0u);
  thread.set_name("a name that is much longer than its room");
  EXPECT_EQ(thread.name(), "a name that is much lon");
  thread.set_name("");
  EXPECT_EQ(thread.name(), "");
}

TEST(Thread, RunsItsFunctionOnceAndIsJoined) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      int runs = 0;
      ThreadHandle thread = host::start({.name = "once"}, [&] { ++runs; });
      EXPECT_TRUE(thread.is_valid());
      thread.join();
      EXPECT_FALSE(thread.is_valid());
      EXPECT_EQ(runs, 1);
    });
  });
}

TEST(Thread, IsWhatItsOptionsSay) {
  Machine machine({.cpus = 2});
  machine.run([] {
    const ThreadOptions options{.name = "worker", .priority = 17, .nice = 4, .cpu_mask = 2};
    host::start(options, [] {
      Thread& self = *hal::current();
      EXPECT_EQ(self.name(), "worker");
      EXPECT_EQ(self.priority, 17);
      EXPECT_EQ(self.nice, 4);
      EXPECT_EQ(self.cpu_mask, 2u);
      EXPECT_EQ(self.state, ThreadState::running);
      EXPECT_NE(self.id(), 0u);
      EXPECT_NE(self.stack_base, nullptr);
      EXPECT_TRUE(hal::irq_enabled());
      IrqGuard irqs_off;
      EXPECT_EQ(hal::cpu_id(), 1u);
    }).join();
  });
}

TEST(Thread, PassesThroughItsStates) {
  Machine machine({.cpus = 1});
  machine.run([] {
    Event may_wait;
    ThreadHandle thread = host::start({}, [&] { may_wait.wait(); });
    EXPECT_EQ(sched::view_thread(*thread).state, ThreadState::runnable);
    EXPECT_EQ(sched::view_thread(*hal::current()).state, ThreadState::running);
    host::await_blocked(*thread, BlockReason::waiting);
    EXPECT_EQ(sched::view_thread(*thread).object, &may_wait);
    EXPECT_GT(sched::view_thread(*thread).blocked_since, 0u);
    may_wait.set();
    EXPECT_EQ(sched::view_thread(*thread).state, ThreadState::runnable);
    EXPECT_EQ(sched::view_thread(*thread).object, nullptr);
    host::await([&] { return sched::view_thread(*thread).state == ThreadState::dead; });
    thread.join();
  });
}

TEST(Thread, JoinWaitsUntilItsDeadline) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Event may_end;
      ThreadHandle thread = host::start({}, [&] { may_end.wait(); });
      const Instant deadline = hal::now() + k_millisecond;
      EXPECT_FALSE(thread.join_until(deadline));
      EXPECT_GE(hal::now(), deadline);
      EXPECT_TRUE(thread.is_valid());
      may_end.set();
      EXPECT_TRUE(thread.join_until(k_never));
    });
  });
}

TEST(Thread, AHandleMovesItsDuty) {
  Machine machine;
  machine.run([] {
    ThreadHandle first = host::start({}, [] {});
    ThreadHandle second = std::move(first);
    EXPECT_FALSE(first.is_valid());
    ThreadHandle third;
    third = std::move(second);
    third.join();
  });
}

// The machine itself checks that all of them are freed.
TEST(Thread, ADetachedThreadIsFreedWhenItEnds) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Semaphore done(0);
      for (int i = 0; i < 5; ++i) {
        ThreadHandle thread = host::start({}, [&] { done.release(); });
        if (i % 2 == 0) host::await([&] { return done.keys() > 0; });  // it may have ended before
        thread.detach();
        EXPECT_FALSE(thread.is_valid());
        done.acquire();
      }
    });
  });
}

TEST(Thread, TheFunctionsCapturesDieWithIt) {
  Machine machine({.cpus = 2});
  machine.run([] {
    const auto captured = std::make_shared<int>(7);
    host::start({}, [captured] { EXPECT_EQ(*captured, 7); }).join();
    EXPECT_EQ(captured.use_count(), 1);
  });
}

TEST(Thread, HundredsComeAndGo) {
  Machine machine({.cpus = 4, .seed = 5});
  machine.run([] {
    Atomic<unsigned> ran{0};
    for (int round = 0; round < 3; ++round) {
      host::Crew crew;
      crew.add_many(200, [&](unsigned) { ran.fetch_add(1, relaxed); });
    }
    EXPECT_EQ(ran.load(relaxed), 600u);
  });
}

TEST(Thread, AMaskWithoutACpuIsRefused) {
  Machine machine({.cpus = 2});
  machine.run([] {
    EXPECT_EQ(spawn({.cpu_mask = 4}, [] {}).error(), Errno::inval);
    EXPECT_EQ(spawn({.cpu_mask = 0}, [] {}).error(), Errno::inval);
    EXPECT_EQ(sched::set_cpu_mask(*hal::current(), 8).error(), Errno::inval);
  });
}

TEST(Thread, WithoutMemoryThereIsNoThreadAndNoPanic) {
  Machine machine({.memory = size_t{4} << 20});
  machine.run([] {
    std::vector<ThreadHandle> threads;
    Event may_end;
    for (;;) {
      Result<ThreadHandle> made = spawn({}, [&] { may_end.wait(); });
      if (!made.has_value()) {
        EXPECT_EQ(made.error(), Errno::nomem);
        break;
      }
      threads.push_back(std::move(*made));
    }
    EXPECT_GT(threads.size(), 100u);
    may_end.set();
    for (ThreadHandle& thread : threads) thread.join();
  });
}

// Each allocation on the way to a thread fails once: nothing of the attempt stays behind.
TEST(Thread, EveryFailureOnTheWayIsUndone) {
  Machine machine;
  machine.run([] {
    uint32_t nth = 1;
    for (bool failed = true; failed; ++nth) {
      mm::fail_allocation(nth);
      Result<ThreadHandle> made = spawn({}, [] {});
      failed = mm::allocation_has_failed();
      mm::fail_allocation(0);
      EXPECT_EQ(made.has_value(), !failed);
      if (made.has_value()) made->join();
    }
    EXPECT_GT(nth, 2u);
  });
}

TEST(ThreadList, ShowsAllThreadsOldestFirst) {
  Machine machine;
  machine.run([] {
    Event may_end;
    host::Crew crew;
    Thread& first =
        crew.add({.name = "first", .priority = 40, .nice = -3}, [&] { may_end.wait(); });
    Thread& second = crew.add({.name = "second"}, [&] { may_end.wait(); });
    host::await_blocked(second, BlockReason::waiting);

    std::array<sched::ThreadView, 16> views;
    const size_t count = sched::view_threads(views);
    ASSERT_EQ(count, sched::thread_count());
    ASSERT_GE(count, 4u);  // this one, the reaper, and the two
    EXPECT_EQ(views[0].name.view(), "test");
    EXPECT_EQ(views[count - 2].id, first.id());
    EXPECT_EQ(views[count - 2].name.view(), "first");
    EXPECT_EQ(views[count - 2].priority, 40);
    EXPECT_EQ(views[count - 2].nice, -3);
    EXPECT_EQ(views[count - 2].state, ThreadState::blocked);
    EXPECT_EQ(views[count - 1].id, second.id());

    // In parts, as one who has little room does it.
    EXPECT_EQ(sched::view_threads({views.data(), 2}), 2u);
    EXPECT_EQ(sched::view_threads(views, first.id()), 1u);
    EXPECT_EQ(views[0].id, second.id());
    may_end.set();
  });
}

TEST(ThreadDeathTest, AHandleIsUsedUp) {
  const auto drop_handle = [] {
    Machine machine;
    machine.run([] { ThreadHandle thread = host::start({}, [] {}); });
  };
  EXPECT_DEATH(drop_handle(), "a thread is joined or detached before its handle dies");
  const auto overwrite_handle = [] {
    Machine machine;
    machine.run([] {
      ThreadHandle thread = host::start({}, [] {});
      thread = host::start({}, [] {});
    });
  };
  EXPECT_DEATH(overwrite_handle(), "a thread is joined or detached before its handle is used anew");
}

TEST(ThreadDeathTest, NoThreadJoinsItself) {
  const auto join_oneself = [] {
    Machine machine;
    machine.run([] {
      ThreadHandle self(*hal::current());
      self.join();
    });
  };
  EXPECT_DEATH(join_oneself(), "a thread does not join itself");
}

TEST(ThreadDeathTest, AThreadStartsOnce) {
  const auto start_twice = [] {
    Machine machine;
    machine.run([] { sched::start(*hal::current()); });
  };
  EXPECT_DEATH(start_twice(), "a thread starts once");
}

}  // namespace
}  // namespace weft
