#include "core/base/bitmap.hh"

#include <set>

#include <gtest/gtest.h>

#include "unit/support/random.hh"

namespace weft {
namespace {

TEST(Bitmap, GivesOutTheLowestClearBit) {
  Bitmap<128> bits;
  for (size_t i = 0; i < 128; ++i) EXPECT_EQ(bits.set_lowest_clear(), i);
  EXPECT_EQ(bits.set_lowest_clear(), std::nullopt);
  EXPECT_EQ(bits.count(), 128u);
  bits.clear(100);
  bits.clear(3);
  EXPECT_EQ(bits.set_lowest_clear(), 3u);
  EXPECT_EQ(bits.set_lowest_clear(), 100u);
  EXPECT_EQ(bits.set_lowest_clear(), std::nullopt);
}

TEST(Bitmap, AgreesWithASet) {
  Bitmap<256> bits;
  std::set<size_t> model;
  host::Random random(1);
  for (int step = 0; step < 20'000; ++step) {
    const size_t bit = random.below(256);
    ASSERT_EQ(bits.test(bit), model.contains(bit));
    if (random.below(3) == 0) {
      const auto lowest = bits.set_lowest_clear();
      size_t expected = 0;
      while (model.contains(expected)) ++expected;
      if (expected == 256) {
        ASSERT_EQ(lowest, std::nullopt);
      } else {
        ASSERT_EQ(lowest, expected);
        model.insert(expected);
      }
    } else if (model.contains(bit)) {
      bits.clear(bit);
      model.erase(bit);
    } else if (random.once_in(2)) {
      bits.set(bit);
      model.insert(bit);
    }
    ASSERT_EQ(bits.count(), model.size());
  }
}

TEST(BitmapDeathTest, ABitIsNotSetOrClearedTwice) {
  Bitmap<64> bits;
  bits.set(5);
  EXPECT_DEATH(bits.set(5), "a clear bit is set");
  bits.clear(5);
  EXPECT_DEATH(bits.clear(5), "a set bit is cleared");
  EXPECT_DEATH(bits.set(64), "below the bitmap's size");
}

}  // namespace
}  // namespace weft
