#include "userlib/coro/stackless/spawn.hh"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/lone.hh"
#include "userlib/coro/channel/channel.hh"
#include "userlib/coro/stackless/detached.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/latch.hh"
#include "userlib/coro/sync/once.hh"
#include "userlib/coro/sync/recursive_mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/mutex.hh"

#pragma clang diagnostic ignored "-Wthread-safety-analysis"

// Tasks on the scheduler, and each object's waits by tasks.
namespace weft::coro {
namespace {

using namespace std::chrono_literals;

task<int> add(int a, int b) {
  co_await async_yield();
  co_return a + b;
}

TEST(CoroSpawn, RunsATaskBesideCoroutines) {
  lone([] {
    auto sum = spawn(add(1, 2));
    EXPECT_FALSE(sum.is_done());
    EXPECT_EQ(sum.join(), 3);
    EXPECT_FALSE(sum.joinable());
  });
}

TEST(CoroSpawn, TasksAwaitEachOther) {
  lone([] {
    auto outer = []() -> task<int> {
      auto first = spawn(add(1, 2));
      auto second = spawn(add(3, 4));
      co_return co_await std::move(first) * co_await std::move(second);
    };
    EXPECT_EQ(spawn(outer()).join(), 21);
  });
}

TEST(CoroSpawn, TasksAwaitCoroutines) {
  lone([] {
    auto outer = []() -> task<int> {
      auto first = go([] { return 3; });
      auto second = go([] {
        yield();
        return 7;
      });
      co_return co_await std::move(first) * co_await std::move(second);
    };
    EXPECT_EQ(spawn(outer()).join(), 21);
  });
}

TEST(CoroSpawn, TheWaitForAnEndHasADeadline) {
  lone([] {
    counting_semaphore<> gate(0);
    auto outer = [&]() -> task<> {
      auto slow = go([&] { gate.acquire(); });
      EXPECT_EQ(co_await async_wait_until(slow, now() + k_millisecond), Wake::timed_out);
      auto also_slow = spawn(
          [](counting_semaphore<>& gate) -> task<> { (void)co_await gate.async_acquire(); }(gate));
      EXPECT_EQ(co_await also_slow.async_wait_until(now() + k_millisecond), Wake::timed_out);
      gate.release(2);
      EXPECT_EQ(co_await async_wait_until(slow, k_never), Wake::woken);
      EXPECT_EQ(co_await also_slow.async_wait_until(k_never), Wake::woken);
      co_await std::move(slow);
      co_await std::move(also_slow);
    };
    spawn(outer()).join();
  });
}

TEST(CoroSpawn, WhatItThrowsTheJoinerCatches) {
  lone([] {
    auto failing = []() -> task<int> {
      co_await async_yield();
      throw std::runtime_error("failed");
    };
    EXPECT_THROW(spawn(failing()).join(), std::runtime_error);
    auto awaiting = [&]() -> task<> { (void)co_await spawn(failing()); };
    EXPECT_THROW(spawn(awaiting()).join(), std::runtime_error);
  });
}

TEST(CoroSpawn, LetGoItRunsOn) {
  auto alive = std::make_shared<int>(0);
  lone([&] {
    auto body = [](std::shared_ptr<int> alive) -> task<> {
      co_await async_yield();
      ++*alive;
    };
    (void)spawn(body(alive));
  });
  EXPECT_EQ(*alive, 1);
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(CoroSpawn, TakesTurnsWithCoroutines) {
  lone([] {
    std::string story;
    auto body = [](std::string& story) -> task<> {
      for (int i = 0; i < 3; ++i) {
        story += 't';
        co_await async_yield();
      }
    };
    auto other = spawn(body(story));
    for (int i = 0; i < 3; ++i) {
      story += 'c';
      yield();
    }
    other.join();
    EXPECT_EQ(story, "ctctct");
  });
}

TEST(CoroSpawn, SleepsAndIsWokenByCancellation) {
  lone([] {
    auto body = [](Nanoseconds how_long) -> task<Wake> {
      co_return co_await async_sleep_for(std::chrono::nanoseconds(how_long));
    };
    const Instant start = now();
    EXPECT_EQ(spawn(body(k_millisecond)).join(), Wake::timed_out);
    EXPECT_GE(now(), start + k_millisecond);
    auto sleeper = spawn(body(3600 * k_second));
    EXPECT_FALSE(sleeper.wait_for(1ms));
    sleeper.cancel();
    EXPECT_EQ(sleeper.join(), Wake::cancelled);
    auto late = spawn(body(3600 * k_second));
    late.cancel();  // before it has begun
    EXPECT_EQ(late.join(), Wake::cancelled);
  });
}

TEST(CoroSpawn, TasksLockMutexes) {
  lone([] {
    mutex door;
    std::string story;
    auto body = [](mutex& door, std::string& story, char name) -> task<> {
      EXPECT_EQ(co_await door.async_lock(), Wake::woken);
      story += name;
      co_await async_yield();
      story += name;
      door.unlock();
    };
    door.lock();
    auto first = spawn(body(door, story, 'a'));
    auto second = go([&] {
      lock_guard guard(door);
      story += "bb";
    });
    auto third = spawn(body(door, story, 'c'));
    let_others_run();
    door.unlock();
    third.join();
    first.join();
    second.join();
    EXPECT_EQ(story, "aabbcc");
  });
}

// What a task's wait takes of its frame: a Waiter, and no word for the object.
static_assert(sizeof(std::declval<event>().async_wait()) == sizeof(Waiter));
static_assert(sizeof(std::declval<latch>().async_wait()) == sizeof(Waiter));
static_assert(sizeof(std::declval<counting_semaphore<>>().async_acquire()) == sizeof(Waiter));
static_assert(sizeof(std::declval<mutex>().async_lock()) == sizeof(Waiter) + sizeof(void*));

TEST(CoroSpawn, TasksGiveUpAtDeadlinesAndCancellations) {
  lone([] {
    mutex door;
    counting_semaphore<> keys(0);
    event gate;
    latch start(1);
    shared_mutex book;
    channel<int> values;
    bool at_door = false;
    door.lock();
    book.lock_shared();
    auto body = [&]() -> task<> {
      const Instant soon = now() + k_millisecond;
      EXPECT_EQ(co_await door.async_lock_until(soon), Wake::timed_out);
      EXPECT_EQ(co_await keys.async_acquire_until(soon), Wake::timed_out);
      EXPECT_EQ(co_await gate.async_wait_until(0), Wake::timed_out);
      EXPECT_EQ(co_await start.async_wait_until(0), Wake::timed_out);
      EXPECT_EQ(co_await book.async_lock_until(0), Wake::timed_out);
      EXPECT_EQ((co_await values.async_send_until(1, 0)).error(), Refusal::timed_out);
      EXPECT_EQ((co_await values.async_receive_until(0)).error(), Refusal::timed_out);
      at_door = true;
      EXPECT_EQ(co_await door.async_lock(), Wake::cancelled);
      EXPECT_EQ(co_await keys.async_acquire(), Wake::cancelled);
      EXPECT_EQ((co_await values.async_receive()).error(), Refusal::cancelled);
      EXPECT_EQ(co_await book.async_lock_shared(), Wake::woken) << "needs no wait";
      book.unlock_shared();
    };
    auto spawned = spawn(body());
    while (!at_door) yield();  // else the cancellation could come before the deadlines
    EXPECT_FALSE(spawned.wait_for(2ms));
    spawned.cancel();
    spawned.join();
    door.unlock();
    book.unlock_shared();
  });
}

TEST(CoroSpawn, TasksWaitForConditions) {
  lone([] {
    mutex door;
    condition_variable changed;
    int value = 0;
    auto body = [&]() -> task<int> {
      (void)co_await door.async_lock();
      EXPECT_EQ(co_await changed.async_wait_until(door, 0), Wake::timed_out);
      EXPECT_FALSE(door.try_lock());
      while (value == 0) (void)co_await changed.async_wait(door);
      const int seen = value;
      door.unlock();
      co_return seen;
    };
    auto waiting = spawn(body());
    let_others_run();
    {
      lock_guard guard(door);
      value = 7;
      changed.notify_one();
    }
    EXPECT_EQ(waiting.join(), 7);
  });
}

TEST(CoroSpawn, TasksMeetAtBarriersAndGates) {
  lone([] {
    barrier meeting(2);
    event gate;
    latch all(2);
    auto body = [&]() -> task<> {
      (void)co_await meeting.async_arrive_and_wait();
      (void)co_await gate.async_wait();
      all.count_down();
      (void)co_await all.async_wait();
    };
    auto other = spawn(body());
    meeting.arrive_and_wait();
    gate.set();
    all.arrive_and_wait();
    other.join();
  });
}

TEST(CoroSpawn, TasksGiveUpAtABarrier) {
  lone([] {
    barrier meeting(2);
    auto body = [&]() -> task<> {
      auto token = meeting.arrive();
      EXPECT_EQ(co_await meeting.async_wait_until(token, now() + k_millisecond), Wake::timed_out);
      EXPECT_EQ(co_await meeting.async_wait(token), Wake::cancelled);
      EXPECT_EQ(co_await meeting.async_wait_uninterruptibly(token), Wake::woken);
      EXPECT_EQ(co_await meeting.async_wait_until(token, k_never), Wake::woken);
    };
    auto waits = spawn(body());
    EXPECT_FALSE(waits.wait_for(3ms));
    waits.cancel();
    EXPECT_FALSE(waits.wait_for(1ms));
    meeting.arrive_and_wait();
    waits.join();
  });
}

TEST(CoroSpawn, TasksRunThingsOnceAndEnterAgain) {
  lone([] {
    once_flag flag;
    recursive_mutex door;
    int runs = 0;
    auto body = [&]() -> task<> {
      co_await async_call_once(flag, [&]() -> task<> {
        co_await async_yield();
        ++runs;
      });
      EXPECT_EQ(runs, 1);
      EXPECT_EQ(co_await door.async_lock(), Wake::woken);
      EXPECT_EQ(co_await door.async_lock(), Wake::woken);
      co_await async_yield();
      door.unlock();
      door.unlock();
    };
    auto first = spawn(body());
    auto second = spawn(body());
    first.join();
    second.join();
    EXPECT_EQ(runs, 1);
  });
}

TEST(CoroSpawn, TasksAndCoroutinesShareAChannel) {
  lone([] {
    channel<int> numbers;
    auto producer = [&]() -> task<> {
      for (int i = 1; i <= 100; ++i) EXPECT_TRUE(co_await numbers.async_send(i));
      numbers.close();
    };
    auto consumer = [&]() -> task<int> {
      int sum = 0;
      while (auto n = co_await numbers.async_receive()) sum += *n;
      co_return sum;
    };
    auto made = spawn(producer());
    auto eaten = spawn(consumer());
    int sum = 0;
    for (int n : numbers) sum += n;
    EXPECT_EQ(sum + eaten.join(), 5050);
    made.join();
  });
}

TEST(CoroSpawn, OnlySpawnedTasksWait) {
  mutex door;
  door.lock();
  auto body = [&]() -> weft::detail::Detached { (void)co_await door.async_lock(); };
  EXPECT_DEATH(body(), "runs on the scheduler");
  door.unlock();
}

}  // namespace
}  // namespace weft::coro
