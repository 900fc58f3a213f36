#include "core/mm/region.hh"

#include <algorithm>
#include <utility>

#include "core/mm/object_cache.hh"

namespace weft::mm {
namespace {

[[clang::no_destroy]] constinit ObjectCache<Region> cache("region");

// A region shows its object from now on; or no longer.
void note_shown(const Region& region) {
  MappingWatcher* const watcher = region.object ? region.object->mapping_watcher() : nullptr;
  if (watcher != nullptr) watcher->on_mapped();
}
void note_hidden(const Region& region) {
  MappingWatcher* const watcher = region.object ? region.object->mapping_watcher() : nullptr;
  if (watcher != nullptr) watcher->on_unmapped();
}

// Larger holes count as if they were of this size: so the one below all mappings, which changes with
// each of them, does not change what stands above it in the tree.
constexpr size_t k_largest_counted = size_t{1} << 40;

// What is free between the two, where mappings may go; nullptr: from the start, or to the end.
size_t room_behind(const Region* region, const Region* next) {
  const VirtAddr from = std::max(region == nullptr ? 0 : region->end, RegionMap::k_lowest);
  const VirtAddr to = next == nullptr ? RegionMap::k_top : std::min(next->start, RegionMap::k_top);
  return from < to ? to - from : 0;
}

}  // namespace

bool Region::continues_in(const Region& next) const {
  return end == next.start && access == next.access && is_shared == next.is_shared && !grows_down &&
         !next.grows_down && object == next.object &&
         (!object || first_page + (size() >> k_page_shift) == next.first_page);
}

bool RegionMap::Order::summarize(Region& top, const Region* left, const Region* right) {
  size_t largest = top.hole;
  if (left != nullptr) largest = std::max(largest, left->largest_hole);
  if (right != nullptr) largest = std::max(largest, right->largest_hole);
  return std::exchange(top.largest_hole, largest) != largest;
}

RegionMap::~RegionMap() {
  while (Region* region = first()) erase(*region);
}

// The one that was found last, and its neighbours, are looked at before the tree.
Region* RegionMap::find_or_after(VirtAddr address) const {
  if (Region* const near = last_found_; near != nullptr) {
    if (address >= near->end) {
      Region* const next = after(*near);
      if (next == nullptr || address < next->end) return next;
    } else {
      const Region* const previous = order_.before(*near);
      if (previous == nullptr || address >= previous->end) return near;
    }
  }
  Region* best = nullptr;
  for (Region* place = regions_.root(); place != nullptr;) {
    if (address < place->end) {
      best = place;
      place = Tree::left_of(*place);
    } else {
      place = Tree::right_of(*place);
    }
  }
  if (best != nullptr) last_found_ = best;
  return best;
}

Region* RegionMap::find(VirtAddr address) const {
  if (last_found_ != nullptr && last_found_->contains(address)) return last_found_;
  Region* region = find_or_after(address);
  if (region == nullptr || !region->contains(address)) return nullptr;
  last_found_ = region;
  return region;
}

Region* RegionMap::before(VirtAddr address) const {
  const Region* const next = find_or_after(address);
  return next == nullptr ? order_.back() : order_.before(*next);
}

// Who stands behind `before` has changed, or where.
void RegionMap::measure_hole(Region* before) {
  if (before == nullptr) return;
  const size_t hole = std::min(room_behind(before, after(*before)), k_largest_counted);
  if (std::exchange(before->hole, hole) != hole) regions_.refresh(*before);
}

void RegionMap::link_behind(Region* before, Region& region) {
  regions_.insert_behind(before, region);
  order_.insert_behind(before, region);
  ++count_;
  measure_hole(before);
  measure_hole(&region);
  last_found_ = &region;
}

Result<> RegionMap::insert(const Region& region) {
  DEBUG_ASSERT(is_free(region.start, region.end), "regions don't overlap");
  Region* before = this->before(region.start);
  if (before != nullptr && before->continues_in(region)) {
    total_size_ += region.size();
    before->end = region.end;
    measure_hole(before);
    join_with_next(*before);
    return {};
  }
  Region* const added = TRY(cache.make());
  added->start = region.start;
  added->end = region.end;
  added->access = region.access;
  added->is_shared = region.is_shared;
  added->grows_down = region.grows_down;
  added->object = region.object;
  added->first_page = region.first_page;
  note_shown(*added);
  link_behind(before, *added);
  total_size_ += region.size();
  join_with_next(*added);
  return {};
}

void RegionMap::join_with_next(Region& region) {
  Region* next = after(region);
  if (next == nullptr || !region.continues_in(*next)) return;
  const VirtAddr end = next->end;
  total_size_ += next->size();  // erase() takes it off
  erase(*next);
  region.end = end;
  measure_hole(&region);
}

void RegionMap::join_all(VirtAddr start, VirtAddr end) {
  Region* region = before(start);
  if (region == nullptr) region = find_or_after(start);
  while (region != nullptr && region->start <= end) {
    const VirtAddr old_end = region->end;
    join_with_next(*region);
    if (region->end == old_end) region = after(*region);
  }
}

Result<> RegionMap::split(VirtAddr address) {
  Region* region = find(address);
  if (region == nullptr || region->start == address) return {};
  Region* const upper = TRY(cache.make());
  upper->start = address;
  upper->end = region->end;
  upper->access = region->access;
  upper->is_shared = region->is_shared;
  upper->object = region->object;
  upper->first_page = region->page_of(address);
  region->end = address;
  note_shown(*upper);
  link_behind(region, *upper);
  return {};
}

void RegionMap::erase(Region& region) {
  noted_run_.store(0, relaxed);
  Region* const before = order_.before(region);
  if (last_found_ == &region) last_found_ = before != nullptr ? before : after(region);
  regions_.remove(region);
  order_.remove(region);
  --count_;
  measure_hole(before);
  total_size_ -= region.size();
  note_hidden(region);
  cache.destroy(&region);
}

void RegionMap::note(const Region& region) {
  const uint64_t pages = std::min(region.size() >> k_page_shift, k_longest_run);
  noted_run_.store((region.start >> k_page_shift) << k_run_bits | pages, relaxed);
}

void RegionMap::grow_down(Region& region, VirtAddr start) {
  total_size_ += region.start - start;
  region.start = start;
  measure_hole(order_.before(region));
}

bool RegionMap::is_free(VirtAddr start, VirtAddr end) const {
  const Region* region = find_or_after(start);
  return region == nullptr || region->start >= end;
}

VirtAddr RegionMap::find_free(size_t size) const {
  const Region* const region = last_with_hole(size);
  const Region* const next = region == nullptr ? first() : after(*region);
  if (room_behind(region, next) < size) return 0;
  return std::min(next == nullptr ? k_top : next->start, k_top) - size;
}

// The last region that has so much room behind it; nullptr if there is none.
const Region* RegionMap::last_with_hole(size_t size) const {
  if (size > k_largest_counted) {
    const Region* region = order_.back();
    while (region != nullptr && room_behind(region, after(*region)) < size) {
      region = order_.before(*region);
    }
    return region;
  }
  const Region* place = regions_.root();
  while (place != nullptr && place->largest_hole >= size) {
    if (const Region* right = Tree::right_of(*place);
        right != nullptr && right->largest_hole >= size) {
      place = right;
    } else if (place->hole >= size) {
      return place;
    } else {
      place = Tree::left_of(*place);
    }
  }
  return nullptr;
}

}  // namespace weft::mm
