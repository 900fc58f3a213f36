#include "core/mm/page_frames.hh"

#include <algorithm>

#include "core/base/log.hh"
#include "core/hal.hh"
#include "core/mm/fault_injection.hh"
#include "core/trace/trace.hh"

namespace weft::mm {

[[clang::no_destroy]] constinit PageFrames page_frames;

const char* frame_use_name(FrameUse use) {
  switch (use) {
    case FrameUse::page_table: return "page tables";
    case FrameUse::slab: return "slabs";
    case FrameUse::stack: return "kernel stacks";
    case FrameUse::large: return "large blocks";
    case FrameUse::user: return "user memory";
    case FrameUse::other: break;
  }
  return "other";
}

uint64_t FrameStats::used_in_all() const {
  uint64_t sum = 0;
  for (const uint64_t frames : used) sum += frames;
  return sum;
}

Result<> PageFrames::init(std::span<const MemoryRegion> free_regions) {
  const MemoryRegion* largest = nullptr;
  for (const MemoryRegion& region : free_regions)
    if (largest == nullptr || region.size > largest->size) largest = &region;
  if (largest == nullptr) return fail(Errno::nomem);

  const uint64_t start = std::max<uint64_t>(round_up(raw(largest->base), k_page_size), k_page_size);
  const uint64_t size =
      round_up(Buddy::descriptors_for(free_regions) * sizeof(PageFrame), k_page_size);
  if (start + size > raw(largest->base) + largest->size) return fail(Errno::nomem);

  const MemoryRegion place{static_cast<PhysAddr>(start), size};
  table_ = static_cast<PageFrame*>(hal::phys_to_virt(place.base));
  const uint64_t lost =
      buddy_.with([&](Buddy& buddy) { return buddy.init(free_regions, table_, place); });
  total_ = buddy_.with([](const Buddy& buddy) { return buddy.total(); });
  if (lost != 0) log::warn("memory map with too many holes: {} page frames stay unused", lost);
  return {};
}

Result<PhysAddr> PageFrames::allocate(unsigned order, FrameUse use) {
  if (allocation_must_fail()) return fail(Errno::nomem);
  PageFrame* block = take(order, use);
  if (block == nullptr) [[unlikely]] {
    if (reclaim_ != nullptr) reclaim_();
    trim();
    block = take(order, use);
    if (block == nullptr) return fail(Errno::nomem);
  }
  return address(*block);
}

Result<PhysAddr> PageFrames::allocate_zeroed(unsigned order, FrameUse use) {
  const PhysAddr block = TRY(allocate(order, use));
  for (size_t page = 0; page < size_t{1} << order; ++page)
    hal::zero_page(hal::phys_to_virt(block + page * k_page_size));
  return block;
}

void PageFrames::free(PhysAddr block, unsigned order) {
  PageFrame& frame = allocated_block(block, order);
  ASSERT(frame.references.load(relaxed) == 1, "a block of frames is freed by its last holder");
  put_back(frame, order);
}

void PageFrames::add_reference(PhysAddr block) {
  PageFrame& frame = this->frame(block);
  DEBUG_ASSERT(frame.state.load(relaxed) == FrameState::used, "only a block in use is shared");
  frame.references.fetch_add(1, relaxed);
}

void PageFrames::drop_reference(PhysAddr block) {
  PageFrame& frame = this->frame(block);
  DEBUG_ASSERT(frame.state.load(relaxed) == FrameState::used, "only a block in use is let go");
  // The release hands over what this holder wrote; the acquire lets the last one see it all before
  // the frame gets a new life.
  const uint32_t before = frame.references.fetch_sub(1, acq_rel);
  ASSERT(before != 0, "a block of frames is let go once by each holder");
  if (before == 1) put_back(frame, frame.order);
}

bool PageFrames::is_known(PhysAddr address) {
  return buddy_.with([&](Buddy& buddy) { return buddy.is_known(raw(address) >> k_page_shift); });
}

PageFrame* PageFrames::take(unsigned order, FrameUse use) {
  return order == 0 ? take_single(use) : take_block(order, use);
}

PageFrame* PageFrames::take_single(FrameUse use) {
  auto cache = caches_.claim();
  if (cache->count == 0) [[unlikely]] {
    refill(*cache, use);
    if (cache->count == 0) return nullptr;
  }
  PageFrame* const frame = cache->frames[--cache->count];
  cache->note_taken(*frame, 0, use);
  return frame;
}

PageFrame* PageFrames::take_block(unsigned order, FrameUse use) {
  auto cache = caches_.claim();
  PageFrame* const block = buddy_.with([&](Buddy& buddy) { return buddy.take(order); });
  if (block != nullptr) cache->note_taken(*block, order, use);
  return block;
}

void PageFrames::Cache::note_taken(PageFrame& block, unsigned order, FrameUse use) {
  used[static_cast<size_t>(use)] += int64_t{1} << order;
  block.use = use;
  block.references.store(1, relaxed);
  block.state.store(FrameState::used, relaxed);
}

void PageFrames::put_back(PageFrame& block, unsigned order) {
  if (order != 0) return put_back_block(block, order);
  auto cache = caches_.claim();
  if (cache->count == Cache::k_room) [[unlikely]]
    drain(*cache, Cache::k_room - Cache::k_batch);
  --cache->used[static_cast<size_t>(block.use)];
  block.state.store(FrameState::cached, relaxed);
  cache->frames[cache->count++] = &block;
}

void PageFrames::put_back_block(PageFrame& block, unsigned order) {
  caches_.claim()->used[static_cast<size_t>(block.use)] -= int64_t{1} << order;
  buddy_.with([&](Buddy& buddy) { buddy.give_back(block, order); });
}

void PageFrames::refill(Cache& cache, FrameUse use) {
  auto buddy = buddy_.lock();
  trace::record(trace::Kind::memory, buddy->free());
  const uint64_t kept = use == FrameUse::user ? total_ / k_reserved_part : 0;
  if (buddy->free() <= kept) return;
  const size_t wanted = std::min<uint64_t>(Cache::k_batch, buddy->free() - kept);
  cache.count = static_cast<unsigned>(buddy->take_singles(std::span(cache.frames).first(wanted)));
}

// Gives back the frames that have been in the cache longest: the others may still be warm.
void PageFrames::drain(Cache& cache, unsigned down_to) {
  if (cache.count <= down_to) return;
  const unsigned excess = cache.count - down_to;
  buddy_.with([&](Buddy& buddy) {
    for (unsigned i = 0; i < excess; ++i) buddy.give_back(*cache.frames[i], 0);
  });
  std::copy_n(cache.frames.begin() + excess, down_to, cache.frames.begin());
  cache.count = down_to;
}

void PageFrames::trim() {
  for (unsigned cpu = 0; cpu < hal::k_max_cpus; ++cpu) drain(*caches_.claim_of(cpu), 0);
}

FrameStats PageFrames::stats() {
  FrameStats stats;
  std::array<int64_t, k_frame_uses> used{};
  for (unsigned cpu = 0; cpu < hal::k_max_cpus; ++cpu) {
    auto cache = caches_.claim_of(cpu);
    stats.cached += cache->count;
    for (unsigned use = 0; use < k_frame_uses; ++use) used[use] += cache->used[use];
  }
  for (unsigned use = 0; use < k_frame_uses; ++use)
    stats.used[use] = static_cast<uint64_t>(std::max<int64_t>(used[use], 0));
  buddy_.with([&](Buddy& buddy) {
    stats.total = buddy.total();
    stats.free = buddy.free();
    stats.untouched = buddy.untouched();
  });
  return stats;
}

std::array<size_t, PageFrames::k_largest_order + 1> PageFrames::free_blocks() {
  return buddy_.with([](Buddy& buddy) {
    std::array<size_t, k_largest_order + 1> blocks{};
    for (unsigned order = 0; order <= k_largest_order; ++order) blocks[order] = buddy.blocks(order);
    return blocks;
  });
}

// The descriptor of a block that somebody has from allocate(). Anything else is a caller's bug.
PageFrame& PageFrames::allocated_block(PhysAddr block, unsigned order) {
  DEBUG_ASSERT(is_known(block), "only the machine's own page frames are freed");
  PageFrame& frame = this->frame(block);
  if (frame.state.load(relaxed) != FrameState::used || frame.order != order) [[unlikely]]
    report_wrong_free(block, order);
  return frame;
}

void PageFrames::report_wrong_free(PhysAddr block, unsigned order) {
  PageFrame& frame = this->frame(block);
  log::error("page frame {:x} given back as a block of order {}", raw(block), order);
  switch (frame.state.load(relaxed)) {
    case FrameState::used: panic("a block of page frames is freed with the order it has");
    case FrameState::free:
    case FrameState::cached: panic("a page frame is freed twice");
    case FrameState::absent: panic("only the machine's own page frames are freed");
    case FrameState::inside: break;
  }
  // Part of a larger block: of a free one it has merged with, or of somebody's.
  for (unsigned above = 1; above <= k_largest_order; ++above) {
    const uint64_t first = round_down(raw(block), k_page_size << above);
    if (this->frame(static_cast<PhysAddr>(first)).state.load(relaxed) == FrameState::free)
      panic("a page frame is freed twice");
  }
  panic("a block of page frames is freed as a whole");
}

}  // namespace weft::mm
