// Where the arena of the ground is, and what is in it (ground.hh).
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::explore {

struct Layout {
  static constexpr uintptr_t k_base = 0x1000'0000'0000;
  static constexpr size_t k_memory_size = size_t{8} << 20;
  static constexpr size_t k_area_size = size_t{1536}
                                        << 20;  // the core wants room for all its stacks
  static constexpr size_t k_heap_size = size_t{8} << 20;
  static constexpr size_t k_stack_size = size_t{64} << 10;
  static constexpr size_t k_most_fibers = 64;

  static constexpr uintptr_t k_memory = k_base;
  static constexpr uintptr_t k_area = k_memory + k_memory_size;
  static constexpr uintptr_t k_heap = k_area + k_area_size;
  static constexpr uintptr_t k_stacks = k_heap + k_heap_size;
  static constexpr uintptr_t k_end = k_stacks + k_most_fibers * k_stack_size;
};

}  // namespace weft::explore
