#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "unit/userlib/coro/stress.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/stackless/when.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/condition_variable.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/sync/shared_mutex.hh"
#include "userlib/thread/mutex.hh"

#pragma clang diagnostic ignored "-Wthread-safety-analysis"

// Many coroutines, tasks and threads at once, with random waits, deadlines and cancellations: nothing is
// lost, nothing comes twice, and what is promised about order holds. The variables they guard are plain
// ones, so that ThreadSanitizer sees whether the guarding works.
namespace weft::coro {
namespace {

using namespace std::chrono_literals;

constexpr int k_coroutines = 8;

INSTANTIATE_TEST_SUITE_P(, CoroStress,
                         testing::Values(Workers{Mode::lone, 1}, Workers{Mode::shared, 1},
                                         Workers{Mode::shared, 2}, Workers{Mode::shared, 4}),
                         testing::PrintToStringParamName());

TEST_P(CoroStress, MutexLetsOneIn) {
  mutex door;
  long inside = 0;
  long total = 0;
  Atomic<long> entered{0};
  const auto visit = [&] {
    EXPECT_EQ(++inside, 1);
    ++total;
    --inside;
    door.unlock();
    entered.fetch_add(1, relaxed);
  };
  std::vector<std::jthread> threads;
  if (has_other_threads()) {
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&] {
        for (int round = 0; round < k_rounds; ++round) {
          door.lock();
          visit();
        }
      });
  }
  run_all([&] {
    const auto task_body = [&](unsigned seed) -> task<> {
      std::mt19937 random(seed);
      for (int round = 0; round < k_rounds; ++round) {
        if (co_await door.async_lock_until(some_deadline(random)) == Wake::woken) visit();
        if (random() % 4 == 0) co_await async_yield();
      }
    };
    std::vector<handle<void>> all;
    std::vector<task_handle<void>> tasks;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      tasks.push_back(spawn(task_body(seed + 100)));
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          if (door.lock_until(some_deadline(random)) == Wake::woken) {
            if (random() % 8 == 0) yield();  // others come and wait meanwhile
            visit();
          }
          dawdle(random);
        }
      }));
    }
    all[0].cancel();
    tasks[0].cancel();
    join_all(all);
    join_all(tasks);
  });
  threads.clear();
  EXPECT_EQ(total, entered.load(relaxed));
  EXPECT_TRUE(door.try_lock());
  door.unlock();
}

TEST_P(CoroStress, SemaphoreKeepsItsCount) {
  constexpr long k_keys = 3;
  counting_semaphore<> keys(k_keys);
  Atomic<long> held{0};
  run_all([&] {
    std::vector<handle<void>> all;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          if (keys.acquire_until(some_deadline(random)) != Wake::woken) continue;
          EXPECT_LE(held.fetch_add(1, relaxed) + 1, k_keys);
          dawdle(random);
          held.fetch_sub(1, relaxed);
          keys.release();
        }
      }));
    }
    all[1].cancel();
    join_all(all);
  });
  for (long i = 0; i < k_keys; ++i) EXPECT_TRUE(keys.try_acquire());
  EXPECT_FALSE(keys.try_acquire());
}

TEST_P(CoroStress, SharedMutexKeepsReadersAndWritersApart) {
  shared_mutex book;
  long left = 0;
  long right = 0;
  run_all([&] {
    std::vector<handle<void>> all;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          if (random() % 4 == 0) {
            if (book.lock_until(some_deadline(random)) != Wake::woken) continue;
            ++left;
            dawdle(random);
            ++right;
            book.unlock();
          } else {
            if (book.lock_shared_until(some_deadline(random)) != Wake::woken) continue;
            const long seen = left;
            dawdle(random);
            EXPECT_EQ(seen, right);
            book.unlock_shared();
          }
        }
      }));
    }
    all[2].cancel();
    join_all(all);
  });
  EXPECT_TRUE(book.try_lock());
  book.unlock();
}

TEST_P(CoroStress, ConditionVariableLosesNoNotification) {
  mutex door;
  condition_variable not_empty;
  condition_variable not_full;
  std::vector<int> buffer;
  long taken = 0;
  run_all([&] {
    std::vector<handle<void>> all;
    for (unsigned seed = 0; seed < k_coroutines; ++seed) {
      all.push_back(go([&, seed] {
        std::mt19937 random(seed);
        for (int round = 0; round < k_rounds; ++round) {
          unique_lock lock(door);
          if (seed % 2 == 0) {
            not_full.wait(lock, [&] { return buffer.size() < 3; });
            buffer.push_back(round);
            not_empty.notify_one();
          } else {
            not_empty.wait(lock, [&] { return !buffer.empty(); });
            buffer.pop_back();
            ++taken;
            not_full.notify_one();
          }
          lock.unlock();
          dawdle(random);
        }
      }));
    }
    join_all(all);
  });
  EXPECT_EQ(taken, k_rounds * k_coroutines / 2);
  EXPECT_TRUE(buffer.empty());
}

TEST_P(CoroStress, BarrierKeepsThePhasesApart) {
  std::vector<int> phases(k_coroutines);
  int completed = 0;
  run_all([&] {
    barrier meeting(k_coroutines, [&] {
      ++completed;
      for (const int phase : phases) EXPECT_EQ(phase, completed);
    });
    std::vector<handle<void>> all;
    for (size_t i = 0; i < k_coroutines; ++i)
      all.push_back(go([&, i] {
        std::mt19937 random(static_cast<unsigned>(i));
        for (int round = 0; round < k_rounds; ++round) {
          dawdle(random);
          ++phases[i];
          meeting.arrive_and_wait();
        }
      }));
    join_all(all);
  });
  EXPECT_EQ(completed, k_rounds);
}

TEST_P(CoroStress, TreesOfTasksBringAllTheirLeaves) {
  run_all([&] {
    const auto leaves = [](int depth, auto& leaves) -> task<long> {
      if (depth == 0) {
        co_await async_yield();
        co_return 1;
      }
      auto [left, right] = co_await when_all(leaves(depth - 1, leaves), leaves(depth - 1, leaves));
      co_return left + right;
    };
    EXPECT_EQ(spawn(leaves(8, leaves)).join(), 256);
    const auto race = [&](int round) -> task<> {
      const auto runner = [](int turns) -> task<int> {
        for (int i = 0; i < turns; ++i) co_await async_yield();
        co_return turns;
      };
      const auto sleeper = []() -> task<int> {
        (void)co_await async_sleep_for(1h);
        co_return 0;
      };
      auto first = co_await when_any(sleeper(), runner(round % 7), runner(round % 5), sleeper());
      EXPECT_TRUE(first.index == 1 || first.index == 2);
    };
    for (int round = 0; round < 100; ++round) spawn(race(round)).join();
  });
}

}  // namespace
}  // namespace weft::coro
