// Whose process it is: ids of users and groups. They are kept and told; only System V objects, whose
// rights are all that keeps strangers apart, ask for them.
#pragma once

#include <array>
#include <cstdint>

namespace weft::proc {

struct Ids {
  uint32_t real = 0;
  uint32_t effective = 0;
  uint32_t saved = 0;
};

// Its threads' own. Two that change it at the same time may mix what they set.
struct Identity {
  static constexpr size_t k_most_groups = 32;

  Ids user;
  Ids group;
  uint32_t other_group_count = 0;
  std::array<uint32_t, k_most_groups> other_groups{};  // in ascending order
};

}  // namespace weft::proc
