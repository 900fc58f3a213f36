#include "core/mm/heap.hh"

#include <array>
#include <bit>
#include <iterator>
#include <utility>

#include "core/hal.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/slab_cache.hh"

namespace weft::mm {
namespace {

struct SizeClass {
  const char* name;
  size_t size;
};

// Each size is at most half as large again as the one before, so at most a third is wasted.
constexpr SizeClass k_classes[] = {
    {"heap 16", 16},     {"heap 32", 32},     {"heap 48", 48},   {"heap 64", 64},
    {"heap 96", 96},     {"heap 128", 128},   {"heap 192", 192}, {"heap 256", 256},
    {"heap 384", 384},   {"heap 512", 512},   {"heap 768", 768}, {"heap 1024", 1024},
    {"heap 1536", 1536}, {"heap 2048", 2048},
};
constexpr size_t k_class_count = std::size(k_classes);
constexpr size_t k_largest_class = k_classes[k_class_count - 1].size;

using Caches = std::array<SlabCache, k_class_count>;

template <size_t... k_index>
constexpr Caches make_caches(std::index_sequence<k_index...>) {
  return {SlabCache(k_classes[k_index].name, k_classes[k_index].size, k_heap_alignment)...};
}

[[clang::no_destroy]] constinit Caches caches =
    make_caches(std::make_index_sequence<k_class_count>());

// For each size in units of the alignment, rounded up: which class.
constexpr auto k_class_of_units = [] {
  std::array<uint8_t, k_largest_class / k_heap_alignment + 1> table{};
  uint8_t fitting = 0;
  for (size_t units = 0; units < table.size(); ++units) {
    if (units * k_heap_alignment > k_classes[fitting].size) ++fitting;
    table[units] = fitting;
  }
  return table;
}();

Result<void*> allocate_block(size_t size) {
  if (size > PageFrames::k_largest_block) return fail(Errno::nomem);
  const unsigned order = std::bit_width((size - 1) >> k_page_shift);
  return hal::phys_to_virt(TRY(page_frames.allocate(order, FrameUse::large)));
}

}  // namespace

Result<void*> allocate(size_t size) {
  if (size > k_largest_class) return allocate_block(size);
  return caches[k_class_of_units[(size + k_heap_alignment - 1) / k_heap_alignment]].allocate();
}

// Whose the memory is, its page frame knows. If the object is not in the first frame of its slab,
// that one stands before it, at an address aligned to the slab's size.
const char* kind_of(const void* memory) {
  const PhysAddr address = hal::virt_to_phys(memory);
  for (unsigned order = 0; order <= SlabCache::k_largest_slab_order; ++order) {
    const auto first = static_cast<PhysAddr>(round_down(raw(address), k_page_size << order));
    if (!page_frames.is_known(address) || !page_frames.is_known(first)) return nullptr;
    const PageFrame& block = page_frames.frame(first);
    if (block.state.load(relaxed) != FrameState::used || block.order < order) continue;
    const bool is_slab = block.use == FrameUse::slab;
    return is_slab ? static_cast<const SlabCache*>(block.owner)->name() : nullptr;
  }
  return nullptr;
}

void free(void* memory) {
  if (memory == nullptr) return;
  const PhysAddr address = hal::virt_to_phys(memory);
  DEBUG_ASSERT(page_frames.is_known(address), "memory of the heap is freed to the heap");
  for (unsigned order = 0; order <= SlabCache::k_largest_slab_order; ++order) {
    const auto first = static_cast<PhysAddr>(round_down(raw(address), k_page_size << order));
    const PageFrame& block = page_frames.frame(first);
    if (block.state.load(relaxed) != FrameState::used || block.order < order) continue;
    if (block.use == FrameUse::slab) return static_cast<SlabCache*>(block.owner)->free(memory);
    if (block.use == FrameUse::large && first == address)
      return page_frames.free(first, block.order);
    break;
  }
  panic("memory of the heap is freed to the heap, once");
}

}  // namespace weft::mm
