#include "core/proc/load.hh"

#include <gtest/gtest.h>

namespace weft::proc {
namespace {

constexpr uint64_t k_minute_factor = 1884;  // exp(-5 s / 60 s)

TEST(Load, ComesCloserToWhatIs) {
  uint64_t average = 0;
  for (int look = 0; look < 12; ++look) average = next_load(average, k_minute_factor, 1);
  // After a minute: 1 - 1/e.
  EXPECT_NEAR(static_cast<double>(average) / k_load_unit, 0.632, 0.01);
  for (int look = 0; look < 200; ++look) average = next_load(average, k_minute_factor, 1);
  EXPECT_EQ(average, k_load_unit);
}

TEST(Load, GoesBackToNothing) {
  uint64_t average = 3 * k_load_unit;
  for (int look = 0; look < 300; ++look) average = next_load(average, k_minute_factor, 0);
  EXPECT_EQ(average, 0u);
}

}  // namespace
}  // namespace weft::proc
