// A program of a few atomic accesses, to be made up at random (compare.cc) and interpreted by the
// scenario's threads.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/atomic.hh"

namespace weft::explore {

struct Instruction {
  enum class Kind : uint8_t { load, store, add, exchange_if, fence, heavy_fence };
  static constexpr unsigned k_kinds = 6;
  Kind kind{};
  uint8_t word = 0;
  uint8_t value = 0;
  memory_order order = relaxed;
};

struct Program {
  static constexpr unsigned k_threads = 3;
  static constexpr unsigned k_longest = 4;
  static constexpr unsigned k_words = 3;
  std::array<std::array<Instruction, k_longest>, k_threads> threads{};
  std::array<uint8_t, k_threads> lengths{};
};

// Not on the ground: it is changed between searches.
extern const Program* program_to_run;

}  // namespace weft::explore
