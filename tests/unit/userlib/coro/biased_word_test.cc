#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "userlib/coro/biased_word.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/object_lock.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/thread/mutex.hh"

#pragma clang diagnostic ignored "-Wthread-safety-analysis"

// The word that is one worker's for a while. What can come between two threads is the explorer's
// (tests/explore/scenarios/coro/biased.cc).
namespace weft::coro {
namespace {

uint32_t add_one(uint32_t seen) { return seen + 1; }

struct Counter {
  ObjectLock lock;
  BiasedWord word;

  void give() {
    const ObjectGuard guard(lock);
    word.take_back();
    word.give_to_this_worker();
  }
  void take_back() {
    const ObjectGuard guard(lock);
    word.take_back();
  }
  void add() {
    if (word.change_plainly(add_one)) return;
    const ObjectGuard guard(lock);
    word.take_back();
    word.store(word.load(relaxed) + 1, relaxed);
  }
  bool is_biased() const { return BiasedWord::is_biased(word.load(relaxed)); }
  uint32_t value() const { return word.load(relaxed) & BiasedWord::k_value; }
};

template <typename Function>
void on_workers(unsigned count, Function function) {
  run(Options{.mode = Mode::shared, .workers = count}, std::move(function));
}

TEST(CoroBiasedWord, IsNobodysAtFirst) {
  Counter counter;
  on_workers(1, [&] {
    EXPECT_FALSE(counter.is_biased());
    EXPECT_FALSE(counter.word.change_plainly(add_one));
    counter.take_back();
    EXPECT_EQ(counter.word.load(relaxed), 0U);
  });
}

TEST(CoroBiasedWord, IsChangedPlainlyByWhomItIsGivenTo) {
  Counter counter;
  on_workers(1, [&] {
    counter.give();
    EXPECT_EQ(counter.is_biased(), sys::has_light_fences());
    EXPECT_EQ(counter.word.change_plainly(add_one), sys::has_light_fences());
    EXPECT_FALSE(counter.word.change_plainly([](uint32_t seen) { return seen; }))
        << "that is no change";
    counter.take_back();
    EXPECT_FALSE(counter.word.change_plainly(add_one));
    EXPECT_EQ(counter.word.load(relaxed), sys::has_light_fences() ? 1U : 0U);
  });
}

TEST(CoroBiasedWord, BitsThatAreSetOrClearedTakeItBack) {
  Counter counter;
  on_workers(1, [&] {
    counter.give();
    {
      const ObjectGuard guard(counter.lock);
      counter.word.set_bits(6);
    }
    EXPECT_EQ(counter.word.load(relaxed), 6U);
    counter.give();
    EXPECT_EQ(counter.value(), 6U);
    {
      const ObjectGuard guard(counter.lock);
      counter.word.clear_bits(2);
    }
    EXPECT_EQ(counter.word.load(relaxed), 4U);
  });
}

TEST(CoroBiasedWord, IsNotGivenToPlainThreadsAndLoneWorkers) {
  Counter counter;
  counter.give();
  EXPECT_FALSE(counter.is_biased());
  run(Options{.mode = Mode::lone}, [&] { counter.give(); });
  EXPECT_FALSE(counter.is_biased());
}

// The next runtime's worker has the same number; and a thread may come when there are no workers any more.
TEST(CoroBiasedWord, OutlivesItsWorker) {
  Counter counter;
  on_workers(1, [&] { counter.give(); });
  on_workers(1, [&] {
    for (int turn = 0; turn < 3; ++turn) counter.add();
  });
  EXPECT_EQ(counter.is_biased(), sys::has_light_fences());
  counter.add();
  EXPECT_EQ(counter.word.load(relaxed), 4U);
}

TEST(CoroBiasedWord, LosesNothingAmongWorkersAndThreads) {
  constexpr int k_turns = 3000;
  constexpr int k_coroutines = 4;
  constexpr int k_threads = 2;
  Counter counter;
  const auto count = [&] {
    for (int turn = 0; turn < k_turns; ++turn) {
      counter.add();
      if (turn % 32 == 0) counter.give();
      if (turn % 64 == 0) yield();
    }
  };
  std::vector<std::jthread> threads;
  threads.reserve(k_threads);
  for (int i = 0; i < k_threads; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < k_turns / 10; ++turn) counter.add();
    });
  on_workers(3, [&] {
    for (int i = 0; i < k_coroutines; ++i) go(count).detach();
  });
  threads.clear();
  EXPECT_EQ(counter.value(), k_coroutines * k_turns + k_threads * k_turns / 10);
}

// Long enough in a row that the mutex's state becomes one worker's, again and again.
TEST(CoroMutexBiased, LetsOneInWhoeverComesInBetween) {
  constexpr int k_visits = 4 * mutex::k_passages_until_biased;
  constexpr int k_coroutines = 4;
  mutex door;
  long inside = 0;
  long total = 0;
  const auto visit = [&](int turn) {
    const bool may_fail = turn % 16 == 0 && !door.try_lock();
    if (may_fail) return false;
    if (turn % 16 != 0) door.lock();
    EXPECT_EQ(++inside, 1);
    ++total;
    if (turn % 1500 == 0) yield();  // held meanwhile, and maybe let go by another worker
    --inside;
    door.unlock();
    return true;
  };
  Atomic<long> visits{0};
  const auto visit_often = [&](int turns) {
    long mine = 0;
    for (int turn = 1; turn <= turns; ++turn) mine += visit(turn) ? 1 : 0;
    visits.fetch_add(mine, relaxed);
  };
  std::jthread other([&] { visit_often(k_visits / 20); });
  on_workers(2, [&] {
    for (int i = 0; i < k_coroutines; ++i) go([&] { visit_often(k_visits); }).detach();
  });
  other.join();
  EXPECT_EQ(total, visits.load(relaxed));
  EXPECT_TRUE(door.try_lock());
  door.unlock();
}

// The last of two to leave deletes what both have visited, just after the other one's unlock().
TEST(CoroMutexBiased, MayGoOnceItIsFree) {
  struct Visited {
    mutex door;
    int left = 2;
  };
  const auto leave = [](Visited* visited) {
    visited->door.lock();
    const bool is_last = --visited->left == 0;
    visited->door.unlock();
    if (is_last) delete visited;
  };
  on_workers(2, [&] {
    for (int round = 0; round < 20; ++round) {
      auto* visited = new Visited;
      for (uint32_t i = 0; i < mutex::k_passages_until_biased; ++i) {
        lock_guard guard(visited->door);
      }
      auto other = go([&leave, visited] { leave(visited); });
      leave(visited);
      other.join();
    }
  });
}

}  // namespace
}  // namespace weft::coro
