#include "core/base/result.hh"

#include <errno.h>

#include <cstring>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace weft {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Errno::inval);
  return number / 2;
}

Result<int> quarter(int number) {
  const int first = TRY(half(number));
  return TRY(half(first));
}

Result<> check(int number) {
  TRY(half(number));
  return {};
}

Result<std::unique_ptr<int>> boxed(int number) {
  TRY(check(number));
  return std::make_unique<int>(number);
}

TEST(Result, TryHandsOnTheValue) {
  EXPECT_EQ(quarter(12), 3);
  EXPECT_TRUE(check(2).has_value());
}

TEST(Result, TryReturnsTheErrorToTheCaller) {
  EXPECT_EQ(quarter(6).error(), Errno::inval);  // fails in the second step
  EXPECT_EQ(quarter(5).error(), Errno::inval);
  EXPECT_EQ(check(1).error(), Errno::inval);
}

TEST(Result, TryMovesWhatCannotBeCopied) {
  const auto twice = [](int number) -> Result<int> {
    const std::unique_ptr<int> box = TRY(boxed(number));
    return *box * 2;
  };
  EXPECT_EQ(twice(4), 8);
  EXPECT_EQ(twice(3).error(), Errno::inval);
}

TEST(Result, TryTakesAnExistingResult) {
  const auto add_one = [](Result<int> result) -> Result<int> { return TRY(result) + 1; };
  EXPECT_EQ(add_one(4), 5);
  EXPECT_EQ(add_one(fail(Errno::busy)).error(), Errno::busy);
}

// The host is a Linux: its numbers and names are the oracle.
TEST(Errno, HasTheNumbersAndNamesOfLinux) {
  int known = 0;
  for (int number = 1; number < 200; ++number) {
    const std::string name = errno_name(static_cast<Errno>(number));
    if (name == "E?") continue;
    ++known;
    EXPECT_EQ(name, strerrorname_np(number));
  }
  EXPECT_GE(known, 40);
  EXPECT_EQ(static_cast<int>(Errno::timedout), ETIMEDOUT);
  EXPECT_STREQ(errno_name(static_cast<Errno>(0)), "E?");
}

}  // namespace
}  // namespace weft
