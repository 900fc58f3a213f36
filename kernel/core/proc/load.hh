// Load averages, as Unix has them: how many threads ran or wanted to, in the mean over the last 1, 5 and
// 15 minutes, where what is long ago counts for less and less.
#pragma once

#include <array>
#include <cstdint>

namespace weft::proc {

inline constexpr uint64_t k_load_unit = 2048;  // a load of 1

// Looks from now on every five seconds.
void start_load_averages();
std::array<uint64_t, 3> load_averages();
// How many run or want to, now.
uint64_t runnable_threads();
// One look: what an average becomes by it. `factor` is what is left of the old one after five seconds.
constexpr uint64_t next_load(uint64_t average, uint64_t factor, uint64_t threads) {
  const uint64_t now = threads * k_load_unit;
  const uint64_t sum = average * factor + now * (k_load_unit - factor);
  return (sum + (now >= average ? k_load_unit - 1 : 0)) / k_load_unit;
}

}  // namespace weft::proc
