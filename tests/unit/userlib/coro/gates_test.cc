#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/lone.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/latch.hh"
#include "userlib/coro/sync/once.hh"
#include "userlib/coro/sync/recursive_mutex.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/mutex.hh"

// The compiler's analysis can't follow locks from coroutine to coroutine.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

// What is promised by all that coroutines wait at for each other.
namespace weft::coro {
namespace {

using namespace std::chrono_literals;

TEST(CoroEvent, OpensForAllUntilCleared) {
  lone([] {
    event door;
    int through = 0;
    std::vector<handle<void>> all;
    for (int i = 0; i < 3; ++i)
      all.push_back(go([&] {
        door.wait();
        ++through;
      }));
    let_others_run();
    EXPECT_EQ(through, 0);
    door.set();
    door.set();
    for (auto& each : all) each.join();
    EXPECT_EQ(through, 3);
    door.wait();
    door.clear();
    EXPECT_FALSE(door.is_set());
    EXPECT_FALSE(door.wait_for(1ms));
    auto cancelled = go([&] { EXPECT_EQ(door.wait_until(k_never), Wake::cancelled); });
    let_others_run();
    cancelled.cancel();
    cancelled.join();
  });
}

TEST(CoroLatch, OpensWhenAllHaveCome) {
  lone([] {
    latch gate(3);
    EXPECT_FALSE(gate.try_wait());
    EXPECT_FALSE(gate.wait_for(1ms));
    auto other = go([&] { gate.arrive_and_wait(); });
    let_others_run();
    gate.count_down(2);
    gate.wait();
    other.join();
    EXPECT_TRUE(gate.try_wait());
    EXPECT_DEATH(gate.count_down(), "no further");
  });
}

TEST(CoroWaitGroup, WaitsForWorkThatGrows) {
  lone([] {
    wait_group work;
    work.wait();
    int done = 0;
    auto start = [&](auto& start, int depth) -> void {
      work.add();
      go([&, depth] {
        if (depth > 0) {
          start(start, depth - 1);
          start(start, depth - 1);
        }
        ++done;
        work.done();
      }).detach();
    };
    start(start, 3);
    work.wait();
    EXPECT_EQ(done, 15);
    EXPECT_DEATH(work.done(), "no further");
  });
}

TEST(CoroConditionVariable, WakesOneOrAll) {
  lone([] {
    mutex door;
    condition_variable changed;
    int value = 0;
    std::string story;
    std::vector<handle<void>> all;
    for (char name : {'a', 'b', 'c'}) {
      all.push_back(go([&, name] {
        unique_lock lock(door);
        changed.wait(lock, [&] { return value > 0; });
        --value;
        story += name;
      }));
    }
    let_others_run();
    {
      lock_guard guard(door);
      value = 1;
    }
    changed.notify_one();
    let_others_run();
    EXPECT_EQ(story, "a");
    {
      lock_guard guard(door);
      value = 2;
      changed.notify_all();
    }
    for (auto& each : all) each.join();
    EXPECT_EQ(story, "abc");
    changed.notify_one();
    changed.notify_all();
  });
}

TEST(CoroConditionVariable, HoldsTheLockAgainHoweverItEnds) {
  lone([] {
    mutex door;
    condition_variable changed;
    unique_lock lock(door);
    EXPECT_EQ(changed.wait_for(lock, 1ms), cv_status::timeout);
    EXPECT_FALSE(door.try_lock());
    EXPECT_FALSE(changed.wait_for(lock, 1ms, [] { return false; }));
    EXPECT_TRUE(changed.wait_for(lock, 0s, [] { return true; }));
    lock.unlock();
    auto cancelled = go([&] {
      unique_lock lock(door);
      EXPECT_EQ(changed.wait_until(lock, k_never), Wake::cancelled);
      EXPECT_FALSE(door.try_lock());
    });
    let_others_run();
    cancelled.cancel();
    cancelled.join();
    auto notified = go([&] {
      unique_lock lock(door);
      EXPECT_EQ(changed.wait_for(lock, 1h), cv_status::no_timeout);
      EXPECT_EQ(changed.wait_until(lock, std::chrono::system_clock::now() + 1h), cv_status::timeout)
          << "who is cancelled has not been notified";
    });
    let_others_run();
    changed.notify_one();
    let_others_run();
    notified.cancel();
    notified.join();
  });
}

TEST(CoroBarrier, PhaseByPhase) {
  lone([] {
    int completions = 0;
    std::string story;
    barrier meeting(3, [&] {
      ++completions;
      story += '|';
    });
    std::vector<handle<void>> all;
    for (char name : {'a', 'b', 'c'}) {
      all.push_back(go([&, name] {
        for (int phase = 0; phase < 3; ++phase) {
          story += name;
          meeting.arrive_and_wait();
        }
      }));
    }
    for (auto& each : all) each.join();
    EXPECT_EQ(completions, 3);
    for (size_t phase = 0; phase < 3; ++phase) EXPECT_EQ(story[phase * 4 + 3], '|') << story;
  });
}

TEST(CoroBarrier, WhoDropsOutIsNotWaitedFor) {
  lone([] {
    barrier meeting(2);
    auto other = go([&] {
      meeting.arrive_and_wait();
      meeting.arrive_and_wait();
    });
    let_others_run();
    meeting.arrive_and_drop();
    other.join();
    auto token = meeting.arrive();
    meeting.wait(token);
  });
}

TEST(CoroBarrier, GivingUpDoesNotUndoTheArrival) {
  lone([] {
    barrier meeting(2);
    auto token = meeting.arrive();
    EXPECT_FALSE(meeting.wait_for(token, 1ms));
    (void)meeting.arrive();
    EXPECT_TRUE(meeting.wait_for(token, 0s));
  });
}

// A time of any clock, as the standard's code has it.
TEST(CoroGates, GiveUpAtATimeOfTheStandardsClocks) {
  lone([] {
    const auto soon = [] { return std::chrono::steady_clock::now() + 1ms; };
    const auto some_day = std::chrono::system_clock::now() + 24h;
    mutex door;
    std::unique_lock lock(door);
    condition_variable changed;
    EXPECT_EQ(changed.wait_until(lock, soon()), cv_status::timeout);
    EXPECT_FALSE(changed.wait_until(lock, soon(), [] { return false; }));
    EXPECT_TRUE(changed.wait_until(lock, some_day, [] { return true; }));
    event shut;
    EXPECT_FALSE(shut.wait_until(soon()));
    EXPECT_TRUE(event(true).wait_until(some_day));
    latch gate(3);
    EXPECT_FALSE(gate.wait_until(soon()));
    gate.arrive_and_wait(3);
    EXPECT_TRUE(gate.wait_until(some_day));
    barrier meeting(2);
    auto token = meeting.arrive();
    EXPECT_FALSE(meeting.wait_until(token, soon()));
    meeting.arrive_and_drop();
    EXPECT_TRUE(meeting.wait_until(token, some_day));
    shared_mutex book;
    book.lock_shared();
    EXPECT_FALSE(book.try_lock_until(soon()));
    EXPECT_TRUE(book.try_lock_shared_until(some_day));
    book.unlock_shared();
    book.unlock_shared();
    recursive_mutex own;
    EXPECT_TRUE(own.try_lock_until(some_day));
    go([&] { EXPECT_FALSE(own.try_lock_until(soon())); }).join();
    own.unlock();
  });
}

TEST(CoroOnce, TheNextOneTriesAfterAnExceptionAndTheRestWaitOn) {
  lone([] {
    once_flag flag;
    int tries = 0;
    int failures = 0;
    std::vector<handle<void>> all;
    for (int i = 0; i < 5; ++i) {
      all.push_back(go([&] {
        try {
          call_once(flag, [&] {
            yield();
            if (++tries < 3) throw tries;
          });
        } catch (int) {
          ++failures;
        }
      }));
    }
    for (auto& each : all) each.join();
    EXPECT_EQ(tries, 3);
    EXPECT_EQ(failures, 2);
  });
}

TEST(CoroOnce, RunsOnceAndAllWaitForIt) {
  lone([] {
    once_flag flag;
    int runs = 0;
    int back = 0;
    std::vector<handle<void>> all;
    for (int i = 0; i < 3; ++i) {
      all.push_back(go([&] {
        call_once(
            flag,
            [&](int by) {
              yield();
              runs += by;
            },
            1);
        EXPECT_EQ(runs, 1);
        ++back;
      }));
    }
    for (auto& each : all) each.join();
    EXPECT_EQ(back, 3);
    call_once(flag, [&] { ++runs; });
    EXPECT_EQ(runs, 1);
  });
}

TEST(CoroOnce, AfterAnExceptionTheNextOneTries) {
  lone([] {
    once_flag flag;
    EXPECT_THROW(call_once(flag, [] { throw 1; }), int);
    int runs = 0;
    call_once(flag, [&] { ++runs; });
    EXPECT_EQ(runs, 1);
  });
}

}  // namespace
}  // namespace weft::coro
