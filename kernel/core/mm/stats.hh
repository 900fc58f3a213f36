// The state of the kernel's memory at one moment, in numbers that a test can compare: what was used
// before and after must be the same. trim() first, so that no cache hides a leak.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/format.hh"
#include "core/mm/kernel_stack.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/slab_cache.hh"

namespace weft::mm {

inline constexpr size_t k_most_caches = 64;

struct MemoryStats {
  FrameStats frames;
  StackStats stacks;
  std::array<CacheStats, k_most_caches> caches{};
  size_t cache_count = 0;

  // Objects that somebody has, over all caches.
  size_t live_objects() const;
};

MemoryStats snapshot();
// As a table for people.
void write_report(Sink& sink, const MemoryStats& stats);

}  // namespace weft::mm
