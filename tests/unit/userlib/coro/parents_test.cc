// Who begins one child after the other, or one in the other: others still have their turn, and all parents go on, even more
// than have room in a deque.
#include <gtest/gtest.h>

#include <vector>

#include "userlib/coro/block_slab.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/local.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/semaphore.hh"

namespace weft::coro {
namespace {

constexpr Options k_one_worker = {.mode = Mode::shared, .workers = 1};
constexpr Options k_four_workers = {.mode = Mode::shared, .workers = 4};

// Begins and ends children until that is so. How many.
template <typename Predicate>
int begin_children_until(Predicate is_so) {
  constexpr int k_too_many = 1'000'000;
  int begun = 0;
  for (; begun < k_too_many && !is_so(); ++begun) go({.launch = Launch::now}, [] {}).join();
  return begun;
}

// All but the innermost wait where they began the next one, more than have room in a deque. The innermost waits until
// others had their turn.
long nest(long depth, counting_semaphore<>& key) {
  if (depth == 0) {
    key.acquire();
    return 0;
  }
  auto child =
      go({.stack = StackSize::k16, .launch = Launch::now}, &nest, depth - 1, std::ref(key));
  if (depth == 500) key.release();
  return 1 + child.join();
}

TEST(Parents, MoreThanHaveRoomInADequeGoOnWhenTheInnermostHasWaited) {
  for (const Options& options : {k_one_worker, k_four_workers}) {
    EXPECT_EQ(run(options,
                  [] {
                    counting_semaphore<> key(0);
                    return nest(500, key);
                  }),
              500);
  }
}

// The same where no parent waits for its child: each is over as soon as it goes on, from the deque or from the queue.
void descend(int depth, counting_semaphore<>& key, std::vector<handle<void>>& all) {
  if (depth == 0) return key.acquire();
  all.push_back(go({.stack = StackSize::k16, .launch = Launch::now}, &descend, depth - 1,
                   std::ref(key), std::ref(all)));
}

TEST(Parents, MoreThanHaveRoomInADequeEndWhenTheInnermostHasWaitedOrEnded) {
  for (const int keys : {0, 1}) {
    EXPECT_EQ(run(k_one_worker,
                  [keys] {
                    counting_semaphore<> key(keys);
                    std::vector<handle<void>> all;
                    descend(500, key, all);
                    if (keys == 0) key.release();
                    while (all.size() < 500) yield();
                    for (auto& each : all) each.join();
                    return all.size();
                  }),
              500u);
  }
}

// Who has run all the time since it began need not ask at its end whether it is joined: its parent still waits there.
// But these have stopped, and their parent waits there for another child when they end.
TEST(Parents, WhoHasWaitedTellsWhoJoinsIt) {
  EXPECT_EQ(run(k_one_worker,
                [] {
                  int result = 0;
                  counting_semaphore<> key(0);
                  auto waiting = go({.launch = Launch::now}, [&] {
                    key.acquire();
                    return 7;
                  });
                  auto joining = go({.launch = Launch::now}, [&] { result = waiting.join(); });
                  go({.launch = Launch::now}, [&] { key.release(); }).join();
                  joining.join();
                  return result;
                }),
            7);
}

TEST(Parents, WhoHasYieldedTellsWhoJoinsIt) {
  EXPECT_EQ(run(k_one_worker,
                [] {
                  int result = 0;
                  const auto yield_once = [] {
                    yield();
                    return 7;
                  };
                  auto first = go({.launch = Launch::now}, yield_once);
                  auto joining = go({.launch = Launch::now}, [&] { result = first.join(); });
                  // Now and then the oldest in the queue has its turn before the parent.
                  std::vector<handle<int>> others;
                  for (int i = 0; i < 200; ++i)
                    others.push_back(go({.launch = Launch::now}, yield_once));
                  joining.join();
                  for (auto& other : others) other.join();
                  return result;
                }),
            7);
}

// What a child leaves goes with it, though its parent waits right behind.
struct Mourned {
  ~Mourned() { ++gone; }
  static int gone;
};
int Mourned::gone = 0;
local<Mourned> mourned;

TEST(Parents, LocalsOfAChildGoWithIt) {
  const int gone = Mourned::gone;
  run(k_one_worker, [] {
    for (int i = 0; i < 3; ++i) go({.launch = Launch::now}, [] { (void)&*mourned; }).join();
  });
  EXPECT_EQ(Mourned::gone, gone + 3);
}

// How many blocks a worker hands on while so many coroutines are begun and joined, so many times.
size_t handed_on(size_t coroutines, int times, Launch how) {
  return run(k_one_worker, [=] {
    const auto use = [=] {
      std::vector<handle<void>> all;
      for (size_t i = 0; i < coroutines; ++i)
        all.push_back(go({.stack = StackSize::k16, .launch = how}, [] {}));
      for (auto& each : all) each.join();
    };
    use();
    const size_t before = blocks_free();
    for (int i = 0; i < times; ++i) use();
    return blocks_free() - before;
  });
}

TEST(Parents, AWorkerKeepsTheBlocksThatItUsesAgain) {
  for (const Launch how : {Launch::now, Launch::queued}) EXPECT_EQ(handed_on(1500, 30, how), 0u);
}

// It takes them all, and gets them all back, 20,000 at a time: what is more than 2,048 is for others. One of 64 is counted;
// if they lie here and there, as other tests may have left them, some hundreds more may stay.
TEST(Parents, AWorkerHandsOnBlocksThatItHasTooManyOf) {
  run(k_one_worker, [] {
    std::vector<handle<void>> all;
    for (int i = 0; i < 20'000; ++i) all.push_back(go([] {}));
    const size_t before = blocks_free();
    for (auto& each : all) each.join();
    EXPECT_GE(blocks_free(), before + 16'000);
  });
}

// A task has no stack to be left, though it runs on the thread of a worker whose coroutines can be.
task<bool> begin_at_once() {
  auto child = go({.launch = Launch::now}, [] {});
  const bool is_task = in_task();
  co_await std::move(child);
  co_return is_task;
}

TEST(Parents, ATaskIsNone) {
  EXPECT_TRUE(run(k_one_worker, [] { return spawn(begin_at_once()).join(); }));
}

TEST(Parents, WhoIsWokenHasItsTurn) {
  const int children = run(k_one_worker, [] {
    counting_semaphore<> key(0);
    bool is_awake = false;
    auto sleeper = go({.launch = Launch::now}, [&] {
      key.acquire();
      is_awake = true;
    });
    key.release();
    const int begun = begin_children_until([&] { return is_awake; });
    sleeper.join();
    return begun;
  });
  EXPECT_EQ(children, 1);
}

TEST(Parents, GoOnAfterWhoeverTheirChildHasWoken) {
  const bool was_awake = run(k_one_worker, [] {
    counting_semaphore<> key(0);
    bool is_awake = false;
    auto sleeper = go({.launch = Launch::now}, [&] {
      key.acquire();
      is_awake = true;
    });
    go({.launch = Launch::now}, [&] { key.release(); }).detach();
    const bool was_awake = is_awake;
    sleeper.join();
    return was_awake;
  });
  EXPECT_TRUE(was_awake);
}

TEST(Parents, WhoIsQueuedHasItsTurn) {
  const int children = run(k_one_worker, [] {
    bool has_begun = false;
    auto queued = go([&] { has_begun = true; });
    const int begun = begin_children_until([&] { return has_begun; });
    queued.join();
    return begun;
  });
  EXPECT_LT(children, 500);
}

}  // namespace
}  // namespace weft::coro
