// View: what an agent knows. Entry a below k_most_agents is the clock of agent a: all that a did up
// to that tick happened before. An entry above stands for an atomic location: the oldest store to it
// that a load may still see. Views are joined where one agent acquires what another released.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace weft::explore {

inline constexpr unsigned k_most_agents = 8;
inline constexpr unsigned k_view_size = 256;  // agents and locations

struct View {
  alignas(32) std::array<uint32_t, k_view_size> at{};

  // Only the first `used` entries of any view are other than 0.
  void join(const View& other, unsigned used) {
    for (unsigned i = 0; i < used; ++i) at[i] = std::max(at[i], other.at[i]);
  }
  void copy(const View& other, unsigned used) { std::copy_n(other.at.begin(), used, at.begin()); }
  void clear(unsigned used) { std::fill_n(at.begin(), used, 0u); }
};

}  // namespace weft::explore
