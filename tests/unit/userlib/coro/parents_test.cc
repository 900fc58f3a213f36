// Who begins one child after the other, each of which runs first: others still have their turn, and each parent goes on
// once, however many wait in a row and whoever wants one.
#include <gtest/gtest.h>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {
namespace {

constexpr Options k_one_worker = {.mode = Mode::shared, .workers = 1};
constexpr Options k_four_workers = {.mode = Mode::shared, .workers = 4};

void begin_a_row() {
  for (int i = 0; i < 10; ++i) go({.launch = Launch::now}, [] {}).join();
}

// Begins and ends children until that is so. How many.
template <typename Predicate>
int begin_children_until(Predicate is_so) {
  constexpr int k_too_many = 1'000'000;
  int begun = 0;
  for (; begun < k_too_many && !is_so(); ++begun) go({.launch = Launch::now}, [] {}).join();
  return begun;
}

TEST(Parents, OneGoesOnElsewhereWhileItsChildIsBusy) {
  for (int round = 0; round < 50; ++round) {
    EXPECT_TRUE(run(k_four_workers, [] {
      begin_a_row();
      Atomic<bool> went_on{false};
      auto child = go({.launch = Launch::now}, [&] {
        while (!went_on.load(acquire)) sys::relax();
        return true;
      });
      went_on.store(true, release);
      return child.join();
    }));
  }
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
                    begin_a_row();
                    counting_semaphore<> key(0);
                    return nest(500, key);
                  }),
              500);
  }
}

TEST(Parents, WhoIsWokenHasItsTurn) {
  const int children = run(k_one_worker, [] {
    counting_semaphore<> key(0);
    bool is_awake = false;
    auto sleeper = go({.launch = Launch::now}, [&] {
      key.acquire();
      is_awake = true;
    });
    begin_a_row();
    key.release();
    const int begun = begin_children_until([&] { return is_awake; });
    sleeper.join();
    return begun;
  });
  EXPECT_LT(children, 500);
}

TEST(Parents, WhoIsQueuedHasItsTurn) {
  const int children = run(k_one_worker, [] {
    begin_a_row();
    bool has_begun = false;
    auto queued = go([&] { has_begun = true; });
    const int begun = begin_children_until([&] { return has_begun; });
    queued.join();
    return begun;
  });
  EXPECT_LT(children, 500);
}

// Many who want work, and little: each asks all the time.
long count_leaves(int depth) {
  if (depth == 0) return 1;
  auto one = go({.launch = Launch::now}, &count_leaves, depth - 1);
  auto other = go({.launch = Launch::now}, &count_leaves, depth - 1);
  return one.join() + other.join();
}

TEST(Parents, EachGoesOnOnceHoweverManyAsk) {
  for (int round = 0; round < 5; ++round)
    EXPECT_EQ(run(k_four_workers, [] { return count_leaves(12); }), 4096);
}

}  // namespace
}  // namespace weft::coro
