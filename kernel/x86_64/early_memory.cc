#include "x86_64/early_memory.hh"

#include <algorithm>

#include "core/base/assert.hh"
#include "core/hal.hh"
#include "dev/power.hh"
#include "x86_64/image.hh"

namespace weft::x86 {
namespace {

constexpr uint64_t k_low_memory_end = 1 << 20;
constexpr uint64_t k_reachable_end = uint64_t{4} << 30;

uint64_t end_of(const MemoryRegion& region) { return raw(region.base) + region.size; }

}  // namespace

void EarlyMemory::add(uint64_t begin, uint64_t end) {
  if (begin >= end) return;
  ASSERT(count_ < k_room, "there is room for every range and every cut");
  regions_[count_++] = {static_cast<PhysAddr>(begin), end - begin};
}

void EarlyMemory::keep_out(uint64_t begin, uint64_t end) {
  begin = round_down(begin, k_page_size);
  end = round_up(end, k_page_size);
  const size_t count = count_;  // what is added below has been cut already
  for (size_t i = 0; i < count; ++i) {
    MemoryRegion& region = regions_[i];
    if (end <= raw(region.base) || begin >= end_of(region)) continue;
    const uint64_t region_begin = raw(region.base);
    const uint64_t region_end = end_of(region);
    region.size = std::max(begin, region_begin) - region_begin;
    add(end, region_end);
  }
}

void EarlyMemory::init(const BootInfo& info) {
  for (const MemoryRange& range : info.memory.ranges()) {
    if (range.kind == MemoryKind::usable) add(range.begin, range.end);
  }
  keep_out(0, k_low_memory_end);
  keep_out(place_of(image_boot_start), place_of(image_end));
  if (info.initrd_size > 0) keep_out(raw(info.initrd), raw(info.initrd) + info.initrd_size);
  const auto end = std::remove_if(regions_.begin(), regions_.begin() + count_,
                                  [](const MemoryRegion& region) { return region.size == 0; });
  count_ = static_cast<size_t>(end - regions_.begin());

  // Frames come from the largest region that the boot page tables reach.
  uint64_t largest = 0;
  for (size_t i = 0; i < count_; ++i) {
    if (end_of(regions_[i]) > k_reachable_end || regions_[i].size <= largest) continue;
    largest = regions_[i].size;
    source_ = i;
  }
}

PhysAddr EarlyMemory::take_frame() {
  if (count_ == 0 || regions_[source_].size < k_page_size) {
    dev::refuse_to_start("too little memory: none is left for the kernel's own page tables");
  }
  MemoryRegion& source = regions_[source_];
  source.size -= k_page_size;
  const PhysAddr frame = static_cast<PhysAddr>(end_of(source));
  hal::zero_page(hal::phys_to_virt(frame));
  return frame;
}

}  // namespace weft::x86
