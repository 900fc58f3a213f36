// Seeds: a property test runs one scenario under many seeds. When it fails, the seed is printed, and
// `WEFT_SEED=n` in the environment (or --seed=n) repeats just that one. `WEFT_SEED_FACTOR=n` tries n
// times as many, for a long search.
#pragma once

#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

namespace weft::host {

// The one seed that the user wants to see.
std::optional<uint64_t> wanted_seed();
void set_wanted_seed(uint64_t seed);
uint64_t seed_factor();

// Runs scenario(seed) for seeds 1 to count, or for the wanted one. Stops after the first that fails.
template <typename Scenario>
void for_seeds(uint64_t count, Scenario&& scenario) {
  const uint64_t first = wanted_seed().value_or(1);
  const uint64_t last = wanted_seed().value_or(count * seed_factor());
  for (uint64_t seed = first; seed <= last; ++seed) {
    const testing::ScopedTrace trace(__FILE__, __LINE__,
                                     "to repeat: WEFT_SEED=" + std::to_string(seed));
    scenario(seed);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace weft::host
