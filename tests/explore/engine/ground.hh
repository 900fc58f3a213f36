// Ground: all the memory that a run may change, so that it can be put back for the next run. That is
// the variables of the core and of the scenarios (sections of their own), and one arena:
//
//   | simulated memory | kernel area | the scenario's heap | stacks of fibers |
//
// Instrumented code tells of each write (hooks.cc), so only pages that were written are put back. The
// stacks are written by the CPU itself; of them the used part is saved.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "explore/engine/fiber.hh"
#include "explore/engine/layout.hh"

namespace weft::explore {

// Memory that costs nothing before it is touched, all zeros; never given back.
void* reserve(size_t size);

class Ground : public Layout {
 public:
  static constexpr uintptr_t k_granule = 8;  // bytes that one cell of shadow stands for

  // Once, before anything else of it.
  void init();

  // The number of the granule that holds the address, counted over all ground; k_elsewhere for
  // addresses that are not on the ground (the engine's own, constants).
  static constexpr size_t k_elsewhere = ~size_t{0};
  size_t granule(uintptr_t address) const {
    if (address - k_base < k_end - k_base) return (address - k_base) / k_granule;
    if (address - image_begin_ < image_size_) {
      return (k_end - k_base) / k_granule + (address - image_begin_) / k_granule;
    }
    return k_elsewhere;
  }
  size_t granules() const { return (k_end - k_base + image_size_) / k_granule; }

  void note_write(size_t granule) {
    uint8_t& mark = dirty_[granule >> k_granules_per_page_shift];
    if (mark == 0) [[unlikely]] {
      mark = 1;
      dirty_list_.push_back(static_cast<uint32_t>(granule >> k_granules_per_page_shift));
    }
  }
  // The same for a range of addresses, which may be elsewhere.
  void note_write(uintptr_t address, size_t size);

  // ---- The scenario's heap: memory is never used twice in one run ----------------------------------
  void* allocate(size_t size);

  // ---- Fibers ------------------------------------------------------------------------------------
  Fiber& make_fiber(void (*entry)(void*), void* argument);
  // The top of a stack, for what switches to it by itself; not in the set-up, since it is not put back.
  uintptr_t take_stack();
  // The end of the stack that holds the address.
  static uintptr_t stack_top(uintptr_t address) {
    return k_stacks + ((address - k_stacks) / k_stack_size + 1) * k_stack_size;
  }

  // ---- Save and restore --------------------------------------------------------------------------
  // Called by the driver, while no fiber runs.
  void save();
  void restore();
  // A number that changes when anything that restore() should put back is different.
  uint64_t digest() const;

 private:
  static constexpr unsigned k_page_shift = 12;
  static constexpr unsigned k_granules_per_page_shift = k_page_shift - 3;

  struct Section {
    uintptr_t begin;
    uintptr_t end;
  };

  // The part of a page that belongs to the ground: the image's sections share pages with others.
  Section part_of_page(uint32_t page) const;

  uintptr_t image_begin_ = 0;
  size_t image_size_ = 0;
  std::array<Section, 2> sections_{};
  std::vector<uint8_t> dirty_;                  // by page: written since the last save or restore
  std::vector<uint32_t> dirty_list_;            // the same, as a list
  std::vector<std::vector<char>> saved_pages_;  // by page; empty: as at first, all zeros
  std::vector<std::vector<char>> saved_stacks_;
  std::array<Fiber, k_most_fibers> fibers_{};
  std::array<Fiber, k_most_fibers> saved_fibers_{};
  size_t fiber_count_ = 0;
  size_t saved_fiber_count_ = 0;
  uintptr_t heap_top_ = k_heap;
  uintptr_t saved_heap_top_ = k_heap;
};

extern Ground ground;

}  // namespace weft::explore
