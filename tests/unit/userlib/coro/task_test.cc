#include "userlib/coro/stackless/task.hh"

#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "userlib/coro/stackless/detached.hh"

#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#endif

namespace weft {
namespace {

// Runs a task that never has to wait.
template <typename T>
T run(task<T> work) {
  detail::Outcome<T> outcome;
  [](task<T> work, detail::Outcome<T>& outcome) -> detail::Detached {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
        outcome.set_value();
      } else if constexpr (std::is_reference_v<T>) {
        outcome.set_value(&co_await std::move(work));
      } else {
        outcome.set_value(co_await std::move(work));
      }
    } catch (...) {
      outcome.set_current_exception();
    }
  }(std::move(work), outcome);
  return outcome.take();
}

// A place where a task waits until the test lets it go on.
struct Door {
  std::coroutine_handle<> waiter;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { waiter = handle; }
  void await_resume() const {}
};

task<int> number(int n) { co_return n; }

TEST(Task, HandsItsResultToWhoAwaitsIt) {
  auto sum = []() -> task<int> { co_return co_await number(40) + co_await number(2); };
  EXPECT_EQ(run(sum()), 42);
}

TEST(Task, DoesNothingUntilItIsAwaited) {
  bool ran = false;
  auto body = [](bool& ran) -> task<> {
    ran = true;
    co_return;
  };
  {
    auto never = body(ran);
    EXPECT_TRUE(never.valid());
  }
  EXPECT_FALSE(ran);
  run(body(ran));
  EXPECT_TRUE(ran);
}

TEST(Task, CarriesWhatCanOnlyBeMoved) {
  auto make = []() -> task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  EXPECT_EQ(*run(make()), 5);
}

TEST(Task, CarriesReferences) {
  int value = 1;
  auto find = [](int& value) -> task<int&> { co_return value; };
  run(find(value)) = 9;
  EXPECT_EQ(value, 9);
}

TEST(Task, ConvertsItsResult) {
  auto text = []() -> task<std::string> { co_return "text"; };
  EXPECT_EQ(run(text()), "text");
}

TEST(Task, WhatItThrowsItsWaiterCatches) {
  auto failing = []() -> task<int> {
    throw std::runtime_error("failed");
    co_return 0;
  };
  auto catching = [&]() -> task<int> {
    try {
      co_return co_await failing();
    } catch (const std::runtime_error&) {
    }
    co_return -1;
  };
  EXPECT_EQ(run(catching()), -1);
  auto middle = [&]() -> task<int> { co_return 1 + co_await failing(); };
  EXPECT_THROW(run(middle()), std::runtime_error);
}

TEST(Task, ItsLocalsAreGoneBeforeItsWaiterGoesOn) {
  auto alive = std::make_shared<int>(0);
  auto body = [](std::shared_ptr<int> alive) -> task<long> {
    auto copy = alive;
    co_return copy.use_count();
  };
  auto waiter = [&]() -> task<long> {
    co_await body(alive);
    co_return alive.use_count();
  };
  EXPECT_EQ(run(waiter()), 1);
}

task<int> chain(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await chain(depth - 1);
}

TEST(Task, LongChainsNeedNoStack) { EXPECT_EQ(run(chain(200'000)), 200'000); }

TEST(Task, LongLoopsNeedNoStack) {
  auto loop = []() -> task<int> {
    int sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await number(1);
    co_return sum;
  };
  EXPECT_EQ(run(loop()), 1'000'000);
}

TEST(Task, GoesOnWhereItWaited) {
  Door door;
  std::string story;
  auto inner = [](Door& door, std::string& story) -> task<int> {
    story += "a";
    co_await door;
    story += "c";
    co_return 1;
  };
  auto outer = [&](Door& door, std::string& story) -> detail::Detached {
    EXPECT_EQ(co_await inner(door, story), 1);
    story += "d";
  };
  outer(door, story);
  story += "b";
  door.waiter.resume();
  EXPECT_EQ(story, "abcd");
}

// Who goes on at its end, and what it threw, in one word.
static_assert(sizeof(detail::TaskPromise<void>) == sizeof(void*));

task<> throws(int number) {
  throw number;
  co_return;
}

TEST(Task, WhatItThrowsComesThroughAllWhoWait) {
  auto middle = [](int number) -> task<> { co_await throws(number); };
  auto outer = [&](int number) -> task<int> {
    try {
      co_await middle(number);
    } catch (int caught) {
      co_return caught;
    }
    co_return 0;
  };
  EXPECT_EQ(run(outer(7)), 7);
}

// (The leak check at the end of the program sees whether it goes.)
TEST(Task, WhatNobodyAsksForGoesWithIt) {
  auto indifferent = []() -> task<bool> {
    auto inner = throws(1);
    co_await inner.when_done();
    co_return inner.outcome().is_error();
  };
  EXPECT_TRUE(run(indifferent()));
}

#if __has_feature(address_sanitizer)  // it sees what becomes of frames
[[gnu::noinline]] task<> begin_never(int number) { return throws(number); }

[[gnu::noinline]] void lose_frames() {
  for (int i = 0; i < 100; ++i) (void)begin_never(i).release(nullptr);
}

TEST(Task, ALostFrameIsTold) {
  const auto lose = [] {
    lose_frames();
    __lsan_do_leak_check();
  };
  EXPECT_DEATH(lose(), "detected memory leaks");
}

TEST(Task, AFrameIsNotTouchedWhenItIsGone) {
  void* const frame = begin_never(1).release(nullptr).address();
  (void)task<>::take_back(frame);
  const auto touch = [frame] { *static_cast<volatile char*>(frame) = 1; };
  EXPECT_DEATH(touch(), "heap-use-after-free");
}
#endif

TEST(Task, WhatItThrewIsTakenOver) {
  auto body = []() -> task<int> {
    auto inner = throws(5);
    co_await inner.when_done();
    detail::Outcome<void> first;
    first.take_error_of(inner.outcome());
    detail::Outcome<int> second;
    second.take_error_of(first);
    co_return second.take();
  };
  try {
    (void)run(body());
    FAIL();
  } catch (int caught) {
    EXPECT_EQ(caught, 5);
  }
}

TEST(Task, LongLoopsOverThoseThatThrowNeedNoStack) {
  auto count = [](int times) -> task<int> {
    int caught = 0;
    for (int i = 0; i < times; ++i) {
      auto inner = throws(i);
      co_await inner.when_done();
      caught += inner.outcome().is_error() ? 1 : 0;
    }
    co_return caught;
  };
  EXPECT_EQ(run(count(20'000)), 20'000);
}

TEST(Task, AnEmptyOneCannotBeAwaited) {
  EXPECT_FALSE(task<int>().valid());
  EXPECT_DEATH(run(task<int>()), "has a body");
}

TEST(Detached, MustNotThrow) {
  auto failing = []() -> detail::Detached {
    throw std::runtime_error("failed");
    co_return;
  };
  EXPECT_DEATH(failing(), "nobody waits for");
}

}  // namespace
}  // namespace weft
