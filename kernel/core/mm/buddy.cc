#include "core/mm/buddy.hh"

#include <algorithm>
#include <bit>
#include <memory>

namespace weft::mm {
namespace {

uint64_t first_whole_frame(const MemoryRegion& region) {
  return round_up(raw(region.base), k_page_size) >> k_page_shift;
}

uint64_t end_of_whole_frames(const MemoryRegion& region) {
  return (raw(region.base) + region.size) >> k_page_shift;
}

}  // namespace

uint64_t Buddy::descriptors_for(std::span<const MemoryRegion> regions) {
  uint64_t end = 0;
  for (const MemoryRegion& region : regions) end = std::max(end, end_of_whole_frames(region));
  return round_up(end, k_chunk_frames);
}

uint64_t Buddy::init(std::span<const MemoryRegion> regions, PageFrame* table,
                     const MemoryRegion& table_place) {
  ASSERT(table_ == nullptr, "the memory map is read once");
  table_ = table;
  const Range withheld{first_whole_frame(table_place), end_of_whole_frames(table_place)};
  uint64_t lost = 0;
  for (const MemoryRegion& region : regions) {
    // Address 0 stands for "no address" in too many minds, so its frame stays unused.
    Range range{std::max<uint64_t>(first_whole_frame(region), 1), end_of_whole_frames(region)};
    if (withheld.first <= range.first && range.first < withheld.end) range.first = withheld.end;
    if (range.first < range.end) lost += add_region(range);
  }
  for (size_t i = 0; i < region_count_; ++i) total_ += regions_[i].size();
  free_ = untouched_ = total_;
  return lost;
}

// Puts the region at its place in the order of addresses. How many frames had to be left out.
uint64_t Buddy::add_region(Range region) {
  uint64_t lost = 0;
  if (region_count_ == k_most_regions) {
    Range* smallest = std::min_element(
        regions_.begin(), regions_.end(),
        [](const Range& one, const Range& other) { return one.size() < other.size(); });
    if (smallest->size() >= region.size()) return region.size();
    lost = smallest->size();
    std::move(smallest + 1, regions_.end(), smallest);
    --region_count_;
  }
  size_t place = region_count_;
  for (; place > 0 && regions_[place - 1].first > region.first; --place)
    regions_[place] = regions_[place - 1];
  regions_[place] = region;
  ++region_count_;
  ASSERT(place == 0 || regions_[place - 1].end <= region.first, "free regions don't overlap");
  ASSERT(place + 1 == region_count_ || region.end <= regions_[place + 1].first,
         "free regions don't overlap");
  return lost;
}

PageFrame* Buddy::take(unsigned order) {
  ASSERT(order <= k_largest_order, "a block has at most the largest order");
  uint32_t large_enough;
  while ((large_enough = orders_ >> order) == 0)
    if (!open_next_chunk()) return nullptr;

  unsigned found = order + std::countr_zero(large_enough);
  PageFrame& block = *lists_[found].front();
  remove(block, found);
  block.state.store(FrameState::inside, relaxed);
  // The lower half is split on; the upper halves stay free.
  while (found > order) {
    --found;
    insert(table_[number(block) + (uint64_t{1} << found)], found);
  }
  block.order = static_cast<uint8_t>(order);
  free_ -= uint64_t{1} << order;
  return &block;
}

size_t Buddy::take_singles(std::span<PageFrame*> room) {
  size_t count = 0;
  while (count < room.size()) {
    const unsigned fitting = std::bit_width(room.size() - count) - 1;
    const unsigned smallest = orders_ == 0 ? fitting : std::countr_zero(orders_);
    const unsigned order = std::min({fitting, smallest, k_largest_order});
    PageFrame* frame = take(order);
    if (frame == nullptr) {
      if (orders_ == 0) break;
      continue;  // it has opened chunks that have only smaller ones
    }
    for (const size_t end = count + (size_t{1} << order); count < end; ++frame) {
      frame->order = 0;
      frame->state.store(FrameState::cached, relaxed);
      room[count++] = frame;
    }
  }
  return count;
}

void Buddy::give_back(PageFrame& block, unsigned order) {
  free_ += uint64_t{1} << order;
  uint64_t first = number(block);
  block.state.store(FrameState::inside, relaxed);
  // A block and its buddy are in one chunk, so the buddy's descriptor has been written.
  for (; order < k_largest_order; ++order) {
    PageFrame& buddy = table_[first ^ uint64_t{1} << order];
    if (buddy.state.load(relaxed) != FrameState::free || buddy.order != order) break;
    remove(buddy, order);
    buddy.state.store(FrameState::inside, relaxed);
    first &= ~(uint64_t{1} << order);
  }
  insert(table_[first], order);
}

bool Buddy::is_known(uint64_t number) const {
  if (number >= next_chunk_ * k_chunk_frames) return false;
  for (size_t i = 0; i < region_count_ && regions_[i].first <= number; ++i)
    if (number < regions_[i].end) return true;
  return false;
}

size_t Buddy::blocks(unsigned order) const {
  size_t count = 0;
  for ([[maybe_unused]] const PageFrame& block : lists_[order]) ++count;
  return count;
}

// Moves the frontier over the next chunk with memory in it; false if there is none.
bool Buddy::open_next_chunk() {
  while (next_region_ < region_count_) {
    const Range& region = regions_[next_region_];
    const uint64_t chunk = std::max(next_chunk_, region.first / k_chunk_frames);
    if (chunk * k_chunk_frames >= region.end) {
      ++next_region_;
      continue;
    }
    open_chunk(chunk);
    next_chunk_ = chunk + 1;
    return true;
  }
  return false;
}

void Buddy::open_chunk(uint64_t chunk) {
  const Range frames{chunk * k_chunk_frames, (chunk + 1) * k_chunk_frames};
  std::uninitialized_default_construct(table_ + frames.first, table_ + frames.end);
  for (size_t i = next_region_; i < region_count_ && regions_[i].first < frames.end; ++i)
    add_free({std::max(frames.first, regions_[i].first), std::min(frames.end, regions_[i].end)});
}

// Cuts a range of one chunk, as yet absent, into the largest aligned blocks.
void Buddy::add_free(Range range) {
  if (range.first >= range.end) return;
  untouched_ -= range.size();
  for (uint64_t i = range.first; i < range.end; ++i)
    table_[i].state.store(FrameState::inside, relaxed);
  while (range.first < range.end) {
    const unsigned aligned = std::countr_zero(range.first);
    const unsigned fitting = std::bit_width(range.size()) - 1;
    const unsigned order = std::min({aligned, fitting, k_largest_order});
    insert(table_[range.first], order);
    range.first += uint64_t{1} << order;
  }
}

void Buddy::insert(PageFrame& block, unsigned order) {
  block.order = static_cast<uint8_t>(order);
  block.state.store(FrameState::free, relaxed);
  lists_[order].push_front(block);
  orders_ |= 1u << order;
}

void Buddy::remove(PageFrame& block, unsigned order) {
  FrameList::remove(block);
  if (lists_[order].empty()) orders_ &= ~(1u << order);
}

}  // namespace weft::mm
