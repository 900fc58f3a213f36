#include "core/base/types.hh"

#include <gtest/gtest.h>

#include "core/base/ranks.hh"

namespace weft {
namespace {

TEST(Types, RoundsToUnits) {
  EXPECT_EQ(round_up(0, 8), 0u);
  EXPECT_EQ(round_up(1, 8), 8u);
  EXPECT_EQ(round_up(8, 8), 8u);
  EXPECT_EQ(round_up(100, 30), 120u);
  EXPECT_EQ(round_down(0, 8), 0u);
  EXPECT_EQ(round_down(7, 8), 0u);
  EXPECT_EQ(round_down(100, 30), 90u);
}

TEST(Types, PhysicalAddressesMoveByBytes) { EXPECT_EQ(raw(PhysAddr{0x1000} + 0x234), 0x1234u); }

TEST(Ranks, SleepingLocksComeBeforeSpinLocks) {
  EXPECT_FALSE(is_spin(Rank::user));
  EXPECT_TRUE(is_spin(Rank::run_queue));
  EXPECT_LT(Rank::user, Rank::user_inner);
}

}  // namespace
}  // namespace weft
