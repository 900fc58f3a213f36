#include "core/proc/out_of_memory.hh"

#include <gtest/gtest.h>

namespace weft::proc {
namespace {

constexpr uint64_t k_machine = 131'072;  // 512 MiB

TEST(OutOfMemory, TheLargestGoes) {
  EXPECT_TRUE(goes_before({50'000, 1}, {1'000, 2}, k_machine));
  EXPECT_FALSE(goes_before({1'000, 2}, {50'000, 1}, k_machine));
}

TEST(OutOfMemory, OfACrowdTheLastGoesThoughOthersAreALittleLarger) {
  EXPECT_TRUE(goes_before({9, 20}, {11, 10}, k_machine));
  EXPECT_FALSE(goes_before({11, 10}, {9, 20}, k_machine));
}

TEST(OutOfMemory, OneAloneIsNotBeforeItself) {
  EXPECT_FALSE(goes_before({9, 20}, {9, 20}, k_machine));
}

TEST(OutOfMemory, AMachineWithoutMuchHasSmallSteps) {
  EXPECT_TRUE(goes_before({3, 1}, {2, 2}, 100));
}

}  // namespace
}  // namespace weft::proc
