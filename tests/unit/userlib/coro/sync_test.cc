#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/latch.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/once.hh"
#include "userlib/coro/sync/recursive_mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/mutex.hh"

// The compiler's analysis can't follow locks from coroutine to coroutine.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

// What each object promises, told step by step on one worker, where the order of things is known.
namespace weft::coro {
namespace {

using namespace std::chrono_literals;

template <typename Function>
void lone(Function function) {
  run(Options{.mode = Mode::lone}, std::move(function));
}

// Lets everyone else run until they wait.
void let_others_run() {
  for (int i = 0; i < 20; ++i) yield();
}

TEST(CoroMutex, IsHeldByOneAndHandedOnInOrder) {
  lone([] {
    mutex door;
    std::string story;
    std::vector<handle<void>> all;
    door.lock();
    for (char name : {'a', 'b', 'c'}) {
      all.push_back(go([&, name] {
        lock_guard guard(door);
        story += name;
        yield();
        story += name;
      }));
    }
    let_others_run();
    EXPECT_EQ(story, "");
    EXPECT_FALSE(door.try_lock());
    door.unlock();
    for (auto& each : all) each.join();
    EXPECT_EQ(story, "aabbcc");
    EXPECT_TRUE(door.try_lock());
    door.unlock();
  });
}

TEST(CoroMutex, NobodyIsPassedOverTwice) {
  lone([] {
    mutex door;
    bool got_it = false;
    door.lock();
    auto waiting = go([&] {
      lock_guard guard(door);
      got_it = true;
    });
    let_others_run();
    door.unlock();
    door.lock();  // once before it could run
    yield();
    EXPECT_FALSE(got_it);
    door.unlock();
    EXPECT_FALSE(door.try_lock()) << "handed over";
    waiting.join();
    EXPECT_TRUE(got_it);
  });
}

TEST(CoroMutex, GivesUpAtItsDeadline) {
  lone([] {
    mutex door;
    door.lock();
    auto impatient = go([&] {
      EXPECT_FALSE(door.try_lock_for(1ms));
      EXPECT_EQ(door.lock_until(0), Wake::timed_out);
    });
    impatient.join();
    auto patient = go([&] {
      EXPECT_TRUE(door.try_lock_for(1h));
      door.unlock();
    });
    let_others_run();
    door.unlock();
    patient.join();
  });
}

TEST(CoroMutex, ACancellationEndsOnlyTheWaitsThatAllowIt) {
  lone([] {
    mutex door;
    door.lock();
    auto stubborn = go([&] {
      door.lock();
      door.unlock();
    });
    auto obedient = go([&] { EXPECT_EQ(door.lock_until(k_never), Wake::cancelled); });
    let_others_run();
    stubborn.cancel();
    obedient.cancel();
    obedient.join();
    EXPECT_FALSE(stubborn.is_done());
    door.unlock();
    stubborn.join();
  });
}

TEST(CoroMutex, WorksWithUniqueLock) {
  lone([] {
    mutex door;
    unique_lock lock(door);
    EXPECT_TRUE(lock.owns_lock());
    lock.unlock();
    EXPECT_TRUE(lock.try_lock());
  });
}

TEST(CoroRecursiveMutex, ItsOwnerEntersAgain) {
  lone([] {
    recursive_mutex door;
    door.lock();
    EXPECT_TRUE(door.try_lock());
    EXPECT_EQ(door.lock_until(0), Wake::woken);
    go([&] { EXPECT_FALSE(door.try_lock()); }).join();
    door.unlock();
    door.unlock();
    go([&] { EXPECT_FALSE(door.try_lock_for(0s)); }).join();
    door.unlock();
    go([&] {
      EXPECT_TRUE(door.try_lock());
      door.unlock();
    }).join();
  });
}

TEST(CoroSemaphore, CountsAndServesInOrder) {
  lone([] {
    counting_semaphore<> keys(1);
    EXPECT_TRUE(keys.try_acquire());
    EXPECT_FALSE(keys.try_acquire());
    std::string story;
    std::vector<handle<void>> all;
    for (char name : {'a', 'b', 'c'}) {
      all.push_back(go([&, name] {
        keys.acquire();
        story += name;
      }));
    }
    let_others_run();
    keys.release();
    EXPECT_FALSE(keys.try_acquire()) << "it was handed to the first who waits";
    let_others_run();
    EXPECT_EQ(story, "a");
    keys.release(3);
    for (auto& each : all) each.join();
    EXPECT_EQ(story, "abc");
    EXPECT_TRUE(keys.try_acquire());
    EXPECT_FALSE(keys.try_acquire());
  });
}

TEST(CoroSemaphore, WhoGaveUpGetsNothing) {
  lone([] {
    counting_semaphore<> keys(0);
    EXPECT_FALSE(keys.try_acquire_for(1ms));
    auto cancelled = go([&] { EXPECT_EQ(keys.acquire_until(k_never), Wake::cancelled); });
    auto served = go([&] { keys.acquire(); });
    let_others_run();
    cancelled.cancel();
    keys.release();
    cancelled.join();
    served.join();
    EXPECT_FALSE(keys.try_acquire());
  });
}

TEST(CoroSemaphore, ABoundedOneRefusesAKeyTooMany) {
  lone([] {
    bounded_semaphore keys(2);
    EXPECT_FALSE(keys.release());
    keys.acquire();
    EXPECT_FALSE(keys.release(2));
    EXPECT_TRUE(keys.release());
    EXPECT_FALSE(keys.release());
  });
}

TEST(CoroSemaphore, KnowsItsLimit) {
  EXPECT_DEATH(binary_semaphore(2), "a count that it can have");
  lone([] {
    binary_semaphore key(1);
    EXPECT_DEATH(key.release(), "below its max");
  });
}

TEST(CoroEvent, OpensForAllUntilReset) {
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
    door.reset();
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
    EXPECT_FALSE(changed.wait_for(lock, 1ms));
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
  });
}

TEST(CoroSharedMutex, ManyReadersOrOneWriter) {
  lone([] {
    shared_mutex book;
    EXPECT_TRUE(book.try_lock_shared());
    EXPECT_TRUE(book.try_lock_shared());
    EXPECT_FALSE(book.try_lock());
    book.unlock_shared();
    book.unlock_shared();
    EXPECT_TRUE(book.try_lock());
    EXPECT_FALSE(book.try_lock());
    EXPECT_FALSE(book.try_lock_shared());
    EXPECT_FALSE(book.try_lock_shared_for(1ms));
    EXPECT_FALSE(book.try_lock_for(1ms));
    book.unlock();
  });
}

TEST(CoroSharedMutex, NobodyPassesThoseWhoWait) {
  lone([] {
    shared_mutex book;
    std::string story;
    std::vector<handle<void>> all;
    auto reader = [&](char name) {
      all.push_back(go([&, name] {
        book.lock_shared();
        story += name;
        yield();
        book.unlock_shared();
      }));
    };
    auto writer = [&](char name) {
      all.push_back(go([&, name] {
        book.lock();
        story += name;
        yield();
        EXPECT_EQ(story.back(), name);
        book.unlock();
      }));
    };
    book.lock_shared();
    writer('W');
    reader('a');
    reader('b');
    writer('X');
    reader('c');
    let_others_run();
    EXPECT_EQ(story, "") << "a writer waits, so later readers wait behind it";
    EXPECT_FALSE(book.try_lock_shared());
    book.unlock_shared();
    for (auto& each : all) each.join();
    EXPECT_EQ(story, "WabXc");
  });
}

TEST(CoroSharedMutex, AWriterThatGivesUpLetsReadersPass) {
  lone([] {
    shared_mutex book;
    book.lock_shared();
    auto writer = go([&] { EXPECT_EQ(book.lock_until(k_never), Wake::cancelled); });
    let_others_run();
    auto reader = go([&] {
      book.lock_shared();
      book.unlock_shared();
    });
    let_others_run();
    EXPECT_FALSE(reader.is_done());
    writer.cancel();
    writer.join();
    reader.join();
    book.unlock_shared();
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
