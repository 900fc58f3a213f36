// Coroutines as programs see them, in all three modes and with several numbers of workers.
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/run_queue.hh"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace weft::coro {
namespace {

class Runtime : public testing::TestWithParam<Options> {
 protected:
  template <typename Function>
  auto in_runtime(Function function) {
    return coro::run(GetParam(), std::move(function));
  }
};

std::string mode_name(const testing::TestParamInfo<Options>& info) {
  const char* const names[] = {"lone", "shared", "deterministic"};
  return names[static_cast<int>(info.param.mode)] + std::to_string(info.param.workers);
}

INSTANTIATE_TEST_SUITE_P(Modes, Runtime,
                         testing::Values(Options{.mode = Mode::lone},
                                         Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::shared, .workers = 2},
                                         Options{.mode = Mode::shared, .workers = 4},
                                         Options{.mode = Mode::deterministic, .seed = 7}),
                         mode_name);

// What holds only where no two coroutines run at once.
class OneWorker : public Runtime {};

INSTANTIATE_TEST_SUITE_P(Modes, OneWorker,
                         testing::Values(Options{.mode = Mode::lone},
                                         Options{.mode = Mode::shared, .workers = 1},
                                         Options{.mode = Mode::deterministic, .seed = 7}),
                         mode_name);

TEST_P(Runtime, RunReturnsTheFirstFunctionsResult) {
  EXPECT_EQ(in_runtime([] { return 42; }), 42);
}

TEST_P(Runtime, RunWaitsForCoroutinesThatNobodyJoins) {
  Atomic<int> ended{0};
  in_runtime([&] {
    for (int i = 0; i < 100; ++i) {
      go([&] {
        yield();
        ended.fetch_add(1, relaxed);
      });
    }
  });
  EXPECT_EQ(ended.load(relaxed), 100);
}

TEST_P(Runtime, ArgumentsAreMovedInAndResultsOut) {
  const std::string result = in_runtime([] {
    auto first = go([](std::unique_ptr<int> number,
                       std::string text) { return text + std::to_string(*number); },
                    std::make_unique<int>(7), "seven is ");
    return first.join();
  });
  EXPECT_EQ(result, "seven is 7");
}

TEST_P(Runtime, ResultsOfEverySizeArriveWhole) {
  struct Large {
    long numbers[9];
  };
  in_runtime([] {
    auto byte = go([] { return 'x'; });
    auto two = go([] { return std::pair<long, long>(1, 2); });
    auto large = go([] { return Large{{1, 2, 3, 4, 5, 6, 7, 8, 9}}; });
    EXPECT_EQ(byte.join(), 'x');
    EXPECT_EQ(two.join(), (std::pair<long, long>(1, 2)));
    EXPECT_EQ(large.join().numbers[8], 9);
  });
}

TEST_P(Runtime, AResultThatNobodyWantsIsDestroyed) {
  auto watched = std::make_shared<int>(1);
  in_runtime([&] {
    go([copy = watched] { return copy; });  // before its end
    auto late = go([copy = watched] { return copy; });
    while (!late.is_done()) yield();
  });
  EXPECT_EQ(watched.use_count(), 1);
}

TEST_P(Runtime, AnExceptionReachesWhoJoins) {
  in_runtime([] {
    auto failing = go([]() -> int {
      yield();
      throw std::runtime_error("on purpose");
    });
    EXPECT_THROW(failing.join(), std::runtime_error);
    go([] { throw std::runtime_error("that nobody sees"); });
  });
}

// Elsewhere an idle worker may take the parent.
TEST(LoneRuntime, AChildThatRunsNowRunsBeforeItsParentGoesOn) {
  coro::run({.mode = Mode::lone}, [] {
    int at = 0;
    auto child = go({.launch = Launch::now}, [&] { at = 1; });
    EXPECT_EQ(at, 1);
    child.join();
  });
}

TEST_P(Runtime, ManyGenerationsOfChildrenAddUp) {
  struct Tree {
    static long leaves(int depth) {
      if (depth == 0) return 1;
      std::vector<handle<long>> children;
      for (int i = 0; i < 4; ++i) {
        const Launch how = i % 2 == 0 ? Launch::now : Launch::queued;
        children.push_back(go({.launch = how}, &Tree::leaves, depth - 1));
      }
      long sum = 0;
      for (auto& child : children) sum += child.join();
      return sum;
    }
  };
  EXPECT_EQ(in_runtime([] { return Tree::leaves(6); }), 4096);
}

TEST_P(Runtime, AllYieldAndNobodyIsLost) {
  constexpr int k_coroutines = 1000;
  std::vector<Atomic<int>> counts(k_coroutines);
  in_runtime([&] {
    std::vector<handle<void>> all;
    for (int i = 0; i < k_coroutines; ++i) {
      all.push_back(go([&counts, i] {
        for (int turn = 0; turn < 20; ++turn) {
          counts[i].fetch_add(1, relaxed);
          yield();
        }
      }));
    }
    for (auto& each : all) each.join();
  });
  for (auto& count : counts) EXPECT_EQ(count.load(relaxed), 20);
}

// Four times what a worker's queue has room for. The oldest of them go to where all can have them, side by side.
TEST(OneSharingWorker, NeighboursBeginOneAfterTheOtherThoughTheQueueIsFull) {
  constexpr int k_all = 4 * static_cast<int>(FifoQueue::k_room);
  std::vector<int> order;
  coro::run({.mode = Mode::shared, .workers = 1}, [&] {
    for (int i = 0; i < k_all; ++i) go([&order, i] { order.push_back(i); });
  });
  ASSERT_EQ(order.size(), static_cast<size_t>(k_all));
  int breaks = 0;
  for (size_t i = 1; i < order.size(); ++i) breaks += order[i] != order[i - 1] + 1;
  // (Now and then one that waits where all can have it has its turn first.)
  EXPECT_LE(breaks, k_all / 10);
}

TEST_P(OneWorker, SleepersWakeInTheOrderOfTheirTimes) {
  std::vector<int> order;
  in_runtime([&] {
    const Instant start = now();
    std::vector<handle<void>> all;
    for (const int tenths : {3, 1, 2, 5, 4}) {
      all.push_back(go([&order, start, tenths] {
        EXPECT_EQ(sleep_until(start + static_cast<Instant>(tenths) * 5 * k_millisecond),
                  Wake::timed_out);
        order.push_back(tenths);
      }));
    }
    for (auto& each : all) each.join();
  });
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST_P(Runtime, SleepsForTheStandardsDurationsAndUntilItsTimes) {
  in_runtime([] {
    using namespace std::chrono_literals;
    const Instant start = now();
    EXPECT_EQ(sleep_for(1ms), Wake::timed_out);
    EXPECT_GE(now(), start + k_millisecond);
    EXPECT_EQ(this_coro::sleep_until(std::chrono::steady_clock::now() + 1ms), Wake::timed_out);
    EXPECT_EQ(this_coro::sleep_until(now()), Wake::timed_out);
    EXPECT_EQ(sleep_until(std::chrono::system_clock::now() - 1h), Wake::timed_out);
    this_coro::yield();
  });
}

TEST_P(Runtime, ASleepIsNotTooShortThoughOthersYield) {
  in_runtime([] {
    const Instant start = now();
    bool awake = false;
    auto sleeper = go([&] {
      sleep_for(3 * k_millisecond);
      EXPECT_GE(now(), start + 3 * k_millisecond);
      awake = true;
    });
    while (!sleeper.is_done()) yield();
    sleeper.join();
    EXPECT_TRUE(awake);
  });
}

TEST_P(Runtime, CancellingEndsASleep) {
  in_runtime([] {
    auto sleeper = go([] { return sleep_for(k_second * 1000); });
    auto for_ever = go([] { return sleep_for(k_never); });
    EXPECT_FALSE(for_ever.wait_for(k_millisecond));
    sleeper.cancel();
    for_ever.cancel();
    EXPECT_EQ(sleeper.join(), Wake::cancelled);
    EXPECT_EQ(for_ever.join(), Wake::cancelled);
  });
}

TEST_P(Runtime, CancellingBeforeTheWaitEndsTheWait) {
  in_runtime([] {
    auto sleeper = go([] { return sleep_for(k_second * 1000); });
    sleeper.cancel();
    EXPECT_EQ(sleeper.join(), Wake::cancelled);
  });
}

TEST_P(Runtime, WaitingForAnEndHasADeadline) {
  in_runtime([] {
    auto sleeper = go([] {
      sleep_for(k_second * 1000);
      return 3;
    });
    EXPECT_FALSE(sleeper.wait_for(k_millisecond));
    EXPECT_FALSE(sleeper.wait_until(std::chrono::steady_clock::now()));
    sleeper.cancel();
    EXPECT_TRUE(sleeper.wait_for(k_second * 1000));
    EXPECT_EQ(sleeper.join(), 3);
    auto late = go([] { sleep_for(2 * k_millisecond); });
    EXPECT_TRUE(late.wait_for(k_never));
    late.join();
  });
}

TEST_P(Runtime, LargeStacksWork) {
  in_runtime([] {
    std::vector<handle<size_t>> all;
    for (int i = 0; i < 300; ++i) {
      all.push_back(go({.stack = StackSize::k256}, [] {
        volatile char large[150'000] = {};
        yield();
        return sizeof large + static_cast<size_t>(large[77]);
      }));
    }
    for (auto& each : all) EXPECT_EQ(each.join(), 150'000u);
  });
}

TEST_P(Runtime, BlocksAndStacksComeBack) {
  const auto use = [&] {
    in_runtime([] {
      std::vector<handle<void>> all;
      for (int i = 0; i < 500; ++i) all.push_back(go([] { yield(); }));
      for (auto& each : all) each.join();
    });
  };
  use();
  const StackFigures before = stack_figures();
  const size_t blocks = detail::blocks_made.load(relaxed);
  for (int i = 0; i < 5; ++i) use();
  EXPECT_EQ(stack_figures().free, stack_figures().made);
  EXPECT_EQ(blocks_free(), detail::blocks_made.load(relaxed));
  // Several workers may hold a few more at a time in one run than in another.
  EXPECT_LE(stack_figures().made, before.made + 600);
  EXPECT_LE(detail::blocks_made.load(relaxed), blocks + 4 * 256);
}

TEST(Deterministic, TheSameSeedGivesTheSameOrder) {
  const auto order_of = [](uint64_t seed) {
    std::vector<int> order;
    coro::run({.mode = Mode::deterministic, .seed = seed}, [&] {
      std::vector<handle<void>> all;
      for (int i = 0; i < 5; ++i) {
        all.push_back(go([&order, i] {
          for (int turn = 0; turn < 5; ++turn) {
            order.push_back(i);
            yield();
          }
        }));
      }
      for (auto& each : all) each.join();
    });
    return order;
  };
  EXPECT_EQ(order_of(1), order_of(1));
  std::set<std::vector<int>> orders;
  for (uint64_t seed = 1; seed <= 10; ++seed) orders.insert(order_of(seed));
  EXPECT_GE(orders.size(), 9u);
}

TEST(Deterministic, TimeIsVirtual) {
  coro::run({.mode = Mode::deterministic}, [] {
    const Instant start = now();
    sleep_for(k_second * 1'000'000);
    EXPECT_GE(now(), start + k_second * 1'000'000);
    EXPECT_LT(now(), start + k_second * 1'000'001);
  });
}

}  // namespace
}  // namespace weft::coro
