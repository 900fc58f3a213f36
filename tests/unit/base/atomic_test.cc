#include "core/base/atomic.hh"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(Atomic, StartsAsGiven) {
  const Atomic<int> zero;
  const Atomic<int> seven(7);
  EXPECT_EQ(zero.load(relaxed), 0);
  EXPECT_EQ(seven.load(acquire), 7);
}

TEST(Atomic, ReadsWritesAndCounts) {
  Atomic<unsigned> number;
  number.store(5, release);
  EXPECT_EQ(number.exchange(6, acq_rel), 5u);
  EXPECT_EQ(number.fetch_add(4, relaxed), 6u);
  EXPECT_EQ(number.fetch_sub(1, relaxed), 10u);
  EXPECT_EQ(number.fetch_or(0xf0, seq_cst), 9u);
  EXPECT_EQ(number.fetch_and(0x0f, seq_cst), 0xf9u);
  EXPECT_EQ(number.load(seq_cst), 9u);
}

TEST(Atomic, CompareExchangeStoresOnlyWhatWasExpected) {
  for (const memory_order order : {relaxed, acquire, release, acq_rel, seq_cst}) {
    Atomic<int> number(1);
    int expected = 1;
    EXPECT_TRUE(number.compare_exchange(expected, 2, order));
    EXPECT_FALSE(number.compare_exchange(expected, 3, order));
    EXPECT_EQ(expected, 2);  // what was seen instead
    EXPECT_EQ(number.load(relaxed), 2);
  }
}

}  // namespace
}  // namespace weft
