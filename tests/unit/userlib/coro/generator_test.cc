#include "userlib/coro/stackless/generator.hh"

#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace weft {
namespace {

generator<int> count_to(int last) {
  for (int n = 1; n <= last; ++n) co_yield n;
}

TEST(Generator, HandsOutItsValuesInOrderAndThenNothing) {
  auto numbers = count_to(3);
  EXPECT_EQ(*numbers.next(), 1);
  EXPECT_EQ(*numbers.next(), 2);
  EXPECT_EQ(*numbers.next(), 3);
  EXPECT_FALSE(numbers.done());
  EXPECT_EQ(numbers.next(), nullptr);
  EXPECT_TRUE(numbers.done());
  EXPECT_EQ(numbers.next(), nullptr);
}

TEST(Generator, DoesNothingUntilItIsAsked) {
  bool ran = false;
  auto body = [](bool& ran) -> generator<int> {
    ran = true;
    co_yield 1;
  };
  auto numbers = body(ran);
  EXPECT_FALSE(ran);
  EXPECT_FALSE(numbers.done());
  numbers.next();
  EXPECT_TRUE(ran);
}

TEST(Generator, OfNothingIsDoneAtItsFirstStep) {
  auto numbers = count_to(0);
  EXPECT_EQ(numbers.next(), nullptr);
  EXPECT_TRUE(numbers.done());
  for (int n : count_to(0)) ADD_FAILURE() << n;
}

TEST(Generator, IsARange) {
  static_assert(std::ranges::input_range<generator<int>>);
  static_assert(std::ranges::view<generator<int>>);
  std::vector<int> seen;
  for (int n : count_to(4)) seen.push_back(n);
  EXPECT_EQ(seen, (std::vector{1, 2, 3, 4}));
  auto odd_squares = count_to(9) | std::views::filter([](int n) { return n % 2 == 1; }) |
                     std::views::transform([](int n) { return n * n; }) | std::views::take(3);
  EXPECT_TRUE(std::ranges::equal(odd_squares, std::vector{1, 9, 25}));
}

TEST(Generator, IsWalkedFromWhereItStands) {
  auto numbers = count_to(4);
  numbers.next();
  std::vector<int> rest;
  for (int n : numbers) rest.push_back(n);
  EXPECT_EQ(rest, (std::vector{2, 3, 4}));
}

TEST(Generator, YieldsReferencesThatCanBeWrittenThrough) {
  auto all = [](std::vector<int>& numbers) -> generator<int&> {
    for (int& n : numbers) co_yield n;
  };
  std::vector numbers = {1, 2, 3};
  for (int& n : all(numbers)) n *= 10;
  EXPECT_EQ(numbers, (std::vector{10, 20, 30}));
}

TEST(Generator, HandsOutTemporariesInPlace) {
  auto words = []() -> generator<std::string> {
    co_yield std::string(100, 'a');
    co_yield "short";
  }();
  EXPECT_EQ(words.next()->size(), 100u);
  EXPECT_EQ(*words.next(), "short");
}

TEST(Generator, YieldsWhatCannotBeCopied) {
  auto boxes = []() -> generator<std::unique_ptr<int>&> {
    auto box = std::make_unique<int>(7);
    co_yield box;
    EXPECT_EQ(box, nullptr);
  }();
  std::unique_ptr<int> taken = std::move(*boxes.next());
  EXPECT_EQ(*taken, 7);
  boxes.next();
}

generator<int, int> sum() {
  int total = 0;
  while (auto number = co_yield total) total += *number;
}

TEST(Generator, IsSentValues) {
  auto adder = sum();
  EXPECT_EQ(*adder.next(), 0);
  EXPECT_EQ(*adder.send(5), 5);
  EXPECT_EQ(*adder.send(7), 12);
  EXPECT_EQ(adder.next(), nullptr) << "next() sends nothing";
  EXPECT_EQ(adder.send(1), nullptr) << "nobody is there any more";
}

TEST(Generator, IsSentWhatCanOnlyBeMoved) {
  auto taker = []() -> generator<int, std::unique_ptr<int>> {
    auto box = co_yield 0;
    co_yield **box;
  }();
  taker.next();
  EXPECT_EQ(*taker.send(std::make_unique<int>(3)), 3);
}

TEST(Generator, IsSentNothingBeforeItsFirstStep) {
  auto adder = sum();
  EXPECT_DEATH(adder.send(1), "once it has come to a co_yield");
}

struct Witness {
  int& destroyed;
  ~Witness() { ++destroyed; }
};

generator<int> holder(int& destroyed) {
  Witness witness{destroyed};
  for (int n = 0;; ++n) co_yield n;
}

TEST(Generator, CloseEndsItWhereItStands) {
  int destroyed = 0;
  auto numbers = holder(destroyed);
  numbers.next();
  numbers.close();
  EXPECT_EQ(destroyed, 1);
  EXPECT_TRUE(numbers.done());
  EXPECT_EQ(numbers.next(), nullptr);
  EXPECT_TRUE(numbers.begin() == numbers.end());
  numbers.close();
  EXPECT_EQ(destroyed, 1);
}

TEST(Generator, IsClosedWithItsHandle) {
  int destroyed = 0;
  {
    auto numbers = holder(destroyed);
    numbers.next();
    auto moved = std::move(numbers);
    EXPECT_TRUE(numbers.done());
    EXPECT_EQ(*moved.next(), 1);
    EXPECT_EQ(destroyed, 0);
    moved = holder(destroyed);
    EXPECT_EQ(destroyed, 1) << "the old one is closed";
    moved.next();
  }
  EXPECT_EQ(destroyed, 2);
}

TEST(Generator, CloseBeforeTheFirstStepRunsNothing) {
  int destroyed = 0;
  holder(destroyed).close();
  EXPECT_EQ(destroyed, 0);
}

TEST(Generator, ExceptionsLeaveNext) {
  int destroyed = 0;
  auto failing = [](int& destroyed) -> generator<int> {
    Witness witness{destroyed};
    co_yield 1;
    throw std::runtime_error("no more");
  };
  auto numbers = failing(destroyed);
  EXPECT_EQ(*numbers.next(), 1);
  EXPECT_THROW(numbers.next(), std::runtime_error);
  EXPECT_EQ(destroyed, 1);
  EXPECT_TRUE(numbers.done());
  EXPECT_EQ(numbers.next(), nullptr);
}

TEST(Generator, ExceptionsOfTheCallerCloseIt) {
  int destroyed = 0;
  auto walk = [&] {
    for (int n : holder(destroyed)) {
      if (n == 3) throw std::runtime_error("enough");
    }
  };
  EXPECT_THROW(walk(), std::runtime_error);
  EXPECT_EQ(destroyed, 1);
}

generator<int> depth_first(int depth) {
  if (depth == 0) co_return;
  for (int n : depth_first(depth - 1)) co_yield n;
  co_yield depth;
  for (int n : depth_first(depth - 1)) co_yield n;
}

TEST(Generator, OfGeneratorsWalksATree) {
  std::vector<int> seen;
  for (int n : depth_first(3)) seen.push_back(n);
  EXPECT_EQ(seen, (std::vector{1, 2, 1, 3, 1, 2, 1}));
}

TEST(Generator, GoesOnOnAnotherThread) {
  auto numbers = count_to(2);
  numbers.next();
  std::thread([&] { EXPECT_EQ(*numbers.next(), 2); }).join();
  EXPECT_EQ(numbers.next(), nullptr);
}

}  // namespace
}  // namespace weft
