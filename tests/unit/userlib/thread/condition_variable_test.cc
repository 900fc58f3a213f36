#include "userlib/thread/condition_variable.hh"

#include <memory>
#include <mutex>

#include <gtest/gtest.h>

#include "unit/userlib/thread/team.hh"
#include "userlib/thread/jthread.hh"

namespace weft {
namespace {

using namespace std::chrono_literals;

// One place for one number: each side waits for the other every time, so a lost wake-up stops both.
template <typename Condition>
void hand_over(int last) {
  mutex lock;
  Condition changed;
  int place = 0;
  int64_t sum = 0;
  thread consumer([&] {
    unique_lock held(lock);
    for (int i = 0; i < last; ++i) {
      changed.wait(held, [&] { return place != 0; });
      sum += place;
      place = 0;
      changed.notify_one();
    }
  });
  for (int i = 1; i <= last; ++i) {
    unique_lock held(lock);
    changed.wait(held, [&] { return place == 0; });
    place = i;
    held.unlock();
    changed.notify_one();
  }
  consumer.join();
  EXPECT_EQ(sum, int64_t{last} * (last + 1) / 2);
}

TEST(ConditionVariable, LosesNoWakeUp) { hand_over<condition_variable>(3000); }
TEST(ConditionVariableAny, LosesNoWakeUp) { hand_over<condition_variable_any>(3000); }

TEST(ConditionVariable, WakesAll) {
  mutex lock;
  condition_variable opened;
  bool open = false;
  int inside = 0;
  std::vector<thread> team;
  for (int i = 0; i < 5; ++i) {
    team.emplace_back([&] {
      unique_lock held(lock);
      opened.wait(held, [&] { return open; });
      ++inside;
    });
  }
  for (const thread& each : team) wait_until_asleep(each);
  {
    const lock_guard guard(lock);
    open = true;
  }
  opened.notify_all();
  for (thread& each : team) each.join();
  EXPECT_EQ(inside, 5);
}

TEST(ConditionVariable, TimesAreNotTooShort) {
  mutex lock;
  condition_variable never;
  unique_lock held(lock);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(never.wait_for(held, 2ms, [] { return false; }));
  EXPECT_TRUE(held.owns_lock());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 2ms);
  EXPECT_EQ(never.wait_until(held, start), cv_status::timeout);
  EXPECT_EQ(never.wait_until(held, std::chrono::system_clock::now() + 1ms), cv_status::timeout);
  EXPECT_FALSE(never.wait_until(held, start, [] { return false; }));
  EXPECT_TRUE(never.wait_until(held, start, [] { return true; }));
  EXPECT_TRUE(never.wait_for(held, -1s, [] { return true; }));
}

TEST(ConditionVariable, TakesTheStandardsLock) {
  mutex lock;
  condition_variable changed;
  bool done = false;
  thread other([&] {
    const std::lock_guard guard(lock);
    done = true;
    changed.notify_one();
  });
  std::unique_lock held(lock);
  changed.wait(held, [&] { return done; });
  held.unlock();
  other.join();
}

// The standard allows it: everybody has been notified, though not everybody has come back.
TEST(ConditionVariable, MayGoRightAfterTheNotification) {
  for (int round = 0; round < 200; ++round) {
    mutex lock;
    auto changed = std::make_unique<condition_variable>();
    int waiting = 0;
    bool done = false;
    std::vector<thread> team;
    for (int i = 0; i < 3; ++i) {
      team.emplace_back([&] {
        unique_lock held(lock);
        ++waiting;
        auto& mine = *changed;
        while (!done) mine.wait(held);
      });
    }
    for (bool all = false; !all; this_thread::yield()) {
      const lock_guard guard(lock);
      all = waiting == 3;
    }
    unique_lock held(lock);
    done = true;
    changed->notify_all();
    changed.reset();
    held.unlock();
    for (thread& each : team) each.join();
  }
}

TEST(ConditionVariableAny, AStopEndsTheWait) {
  for (int round = 0; round < 300; ++round) {
    mutex lock;
    condition_variable_any never;
    bool came = true;
    jthread waiter([&](stop_token token) {
      unique_lock held(lock);
      came = never.wait(held, token, [] { return false; });
    });
    if (round % 3 == 0) this_thread::yield();
    waiter.request_stop();
    waiter.join();
    EXPECT_FALSE(came);
  }
}

TEST(ConditionVariableAny, StoppableWaitsAlsoEndByTimeAndByTheirCondition) {
  mutex lock;
  condition_variable_any changed;
  stop_source source;
  unique_lock held(lock);
  EXPECT_FALSE(changed.wait_for(held, source.get_token(), 1ms, [] { return false; }));
  EXPECT_FALSE(changed.wait_until(held, source.get_token(), std::chrono::system_clock::now() + 1ms,
                                  [] { return false; }));
  bool done = false;
  thread other([&] {
    const lock_guard guard(lock);
    done = true;
    changed.notify_all();
  });
  EXPECT_TRUE(changed.wait(held, source.get_token(), [&] { return done; }));
  held.unlock();
  other.join();
  held.lock();
  source.request_stop();
  EXPECT_FALSE(changed.wait(held, source.get_token(), [] { return false; }));
  EXPECT_TRUE(changed.wait(held, source.get_token(), [] { return true; }));
}

}  // namespace
}  // namespace weft
