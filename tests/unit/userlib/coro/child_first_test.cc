// Children that run before who began them: on workers that share, the parent waits where an idle worker finds it.
#include <gtest/gtest.h>

#include <vector>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {
namespace {

constexpr Options k_four_workers = {.mode = Mode::shared, .workers = 4};

// Sums the numbers from `first` on by a tree of children.
long sum_of(long first, long count) {
  if (count == 1) return first;
  handle<long> children[10];
  for (long i = 0; i < 10; ++i)
    children[i] = go({.launch = Launch::now}, &sum_of, first + i * (count / 10), count / 10);
  long sum = 0;
  for (auto& child : children) sum += child.join();
  return sum;
}

TEST(ChildFirst, ATreeOfChildrenAddsUpWhoeverTakesItsBranches) {
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(run(k_four_workers, [] { return sum_of(0, 1000); }), 499'500);
  }
}

// What might throw while it moves is moved before anybody begins.
struct MayThrow {
  explicit MayThrow(int value) : value(value) {}
  MayThrow(const MayThrow&) = default;
  MayThrow(MayThrow&& other) noexcept(false) : value(other.value) {}
  int operator()() const { return value; }
  int value;
};

TEST(ChildFirst, ArgumentsOfAllKindsArriveWhereverTheParentGoesOn) {
  const long sum = run(k_four_workers, [] {
    long sum = 0;
    for (int i = 0; i < 300; ++i) {
      handle<int> plain = go({.launch = Launch::now}, [i] { return i; });
      handle<int> careful = go({.launch = Launch::now}, MayThrow(i));
      handle<int> boxed = go(
          {.launch = Launch::now}, [](const std::vector<int>& all) { return all[7]; },
          std::vector<int>(8, i));
      sum += plain.join() + careful.join() + boxed.join();
    }
    return sum;
  });
  EXPECT_EQ(sum, 3 * 299 * 300 / 2);
}

// A sleeper's time has come: a worker that begins one child after the other looks for that now and then.
TEST(ChildFirst, ManyChildrenDoNotKeepTheWorkerFromItsTimers) {
  const int children = run({.mode = Mode::shared, .workers = 1}, [] {
    Atomic<bool> is_awake{false};
    auto sleeper = go({.launch = Launch::now}, [&] {
      (void)sleep_until(1);
      is_awake.store(true, relaxed);
    });
    int begun = 0;
    for (; begun < 100'000 && !is_awake.load(relaxed); ++begun)
      go({.launch = Launch::now}, [] {}).join();
    sleeper.join();
    return begun;
  });
  EXPECT_LT(children, 500);
}

// It is the only one that waits there, and its child runs until it has gone on.
TEST(ChildFirst, AParentAloneGoesOnElsewhereWhileItsChildIsBusy) {
  EXPECT_TRUE(run(k_four_workers, [] {
    Atomic<bool> went_on{false};
    auto child = go({.launch = Launch::now}, [&] {
      while (!went_on.load(acquire)) sys::relax();
      return true;
    });
    went_on.store(true, release);
    return child.join();
  }));
}

// At the end of a child that has waited its worker finds another one's parent there, and a third has joined it.
TEST(ChildFirst, AChildThatHasWaitedIsJoinedByWhoeverHasItsHandle) {
  for (int round = 0; round < 200; ++round) {
    const int result = run(k_four_workers, [] {
      counting_semaphore<> key(0);
      auto waiting = go({.launch = Launch::now}, [&] {
        key.acquire();
        return 7;
      });
      auto joining = go([&] { return waiting.join(); });
      yield();
      go({.launch = Launch::now}, [&] { key.release(); }).join();
      return joining.join();
    });
    ASSERT_EQ(result, 7);
  }
}

TEST(ChildFirst, AChildsResultIsDroppedOnceWhenItsHandleLetsGo) {
  struct Counted {
    explicit Counted(Atomic<int>& count) : alive(&count) { alive->fetch_add(1, relaxed); }
    Counted(Counted&& other) noexcept : alive(other.alive) { alive->fetch_add(1, relaxed); }
    ~Counted() { alive->fetch_sub(1, relaxed); }
    Atomic<int>* alive;
  };
  Atomic<int> alive{0};
  run(k_four_workers, [&] {
    for (int i = 0; i < 1000; ++i)
      go({.launch = Launch::now}, [&] { return Counted(alive); }).detach();
  });
  EXPECT_EQ(alive.load(relaxed), 0);
}

}  // namespace
}  // namespace weft::coro
