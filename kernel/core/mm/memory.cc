#include "core/mm/memory.hh"

#include "core/hal.hh"
#include "core/mm/kernel_stack.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/slab_cache.hh"
#include "core/mm/table_pool.hh"

namespace weft::mm {
namespace {

// An allocation found no memory, perhaps while its caller holds a spin lock. Stacks can be taken away
// only where a flush may wait for other CPUs.
void reclaim() {
  if (hal::irq_enabled()) {
    trim_kernel_stacks();
    trim_tables();
  }
  SlabCache::trim_all();
}

}  // namespace

Result<> init(std::span<const MemoryRegion> free_regions) {
  TRY(page_frames.init(free_regions));
  page_frames.set_reclaim(reclaim);
  return {};
}

void trim() {
  trim_kernel_stacks();
  trim_tables();
  SlabCache::trim_all();
  page_frames.trim();
}

}  // namespace weft::mm
