// Who begins one child after the other, or one in the other: others still have their turn, and all parents go on, even more
// than have room in a deque.
#include <gtest/gtest.h>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"
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
  EXPECT_LT(children, 500);
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
