#include "core/mm/region.hh"

#include <algorithm>

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

}  // namespace

bool Region::continues_in(const Region& next) const {
  return end == next.start && access == next.access && is_shared == next.is_shared && !grows_down &&
         !next.grows_down && object == next.object &&
         (!object || first_page + (size() >> k_page_shift) == next.first_page);
}

void RegionMap::Order::summarize(Region& top, const Region* left, const Region* right) {
  top.subtree_start = left != nullptr ? left->subtree_start : top.start;
  top.subtree_end = right != nullptr ? right->subtree_end : top.end;
  top.largest_hole = 0;
  if (left != nullptr) {
    top.largest_hole = std::max(left->largest_hole, top.start - left->subtree_end);
  }
  if (right != nullptr) {
    top.largest_hole =
        std::max({top.largest_hole, right->largest_hole, right->subtree_start - top.end});
  }
}

RegionMap::~RegionMap() {
  while (Region* region = regions_.first()) erase(*region);
}

Region* RegionMap::find_or_after(VirtAddr address) const {
  Region* best = nullptr;
  for (Region* place = regions_.root(); place != nullptr;) {
    if (address < place->end) {
      best = place;
      place = Tree::left_of(*place);
    } else {
      place = Tree::right_of(*place);
    }
  }
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
  Region* best = nullptr;
  for (Region* place = regions_.root(); place != nullptr;) {
    if (place->end <= address) {
      best = place;
      place = Tree::right_of(*place);
    } else {
      place = Tree::left_of(*place);
    }
  }
  return best;
}

Result<> RegionMap::insert(const Region& region) {
  DEBUG_ASSERT(is_free(region.start, region.end), "regions don't overlap");
  Region* before = this->before(region.start);
  if (before != nullptr && before->continues_in(region)) {
    total_size_ += region.size();
    before->end = region.end;
    regions_.refresh(*before);
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
  regions_.insert(*added);
  ++count_;
  total_size_ += region.size();
  join_with_next(*added);
  return {};
}

void RegionMap::join_with_next(Region& region) {
  Region* next = regions_.after(region);
  if (next == nullptr || !region.continues_in(*next)) return;
  const VirtAddr end = next->end;
  total_size_ += next->size();  // erase() takes it off
  erase(*next);
  region.end = end;
  regions_.refresh(region);
}

void RegionMap::join_all(VirtAddr start, VirtAddr end) {
  Region* region = before(start);
  if (region == nullptr) region = find_or_after(start);
  while (region != nullptr && region->start <= end) {
    const VirtAddr old_end = region->end;
    join_with_next(*region);
    if (region->end == old_end) region = regions_.after(*region);
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
  regions_.refresh(*region);
  note_shown(*upper);
  regions_.insert(*upper);
  ++count_;
  return {};
}

void RegionMap::erase(Region& region) {
  if (last_found_ == &region) last_found_ = nullptr;
  noted_run_.store(0, relaxed);
  regions_.remove(region);
  --count_;
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
  regions_.refresh(region);
}

bool RegionMap::is_free(VirtAddr start, VirtAddr end) const {
  const Region* region = find_or_after(start);
  return region == nullptr || region->start >= end;
}

VirtAddr RegionMap::find_free(size_t size, VirtAddr lowest, VirtAddr limit) const {
  if (limit < lowest || limit - lowest < size) return 0;
  const Region* root = regions_.root();
  if (root == nullptr) return limit - size;
  if (root->subtree_end <= limit && limit - root->subtree_end >= size) return limit - size;
  if (const VirtAddr place = find_hole(*root, size, lowest, limit)) return place;
  const VirtAddr top = std::min(root->subtree_start, limit);
  return top >= lowest && top - lowest >= size ? top - size : 0;
}

// The highest hole between two regions of this subtree. From right to left, past what has no hole
// that is large enough.
VirtAddr RegionMap::find_hole(const Region& top, size_t size, VirtAddr lowest,
                              VirtAddr limit) const {
  if (top.largest_hole < size || top.subtree_end <= lowest) return 0;
  const auto fit = [&](VirtAddr from, VirtAddr to) -> VirtAddr {
    from = std::max(from, lowest);
    to = std::min(to, limit);
    return from < to && to - from >= size ? to - size : 0;
  };
  if (const Region* right = Tree::right_of(top); right != nullptr && top.end < limit) {
    if (const VirtAddr place = find_hole(*right, size, lowest, limit)) return place;
    if (const VirtAddr place = fit(top.end, right->subtree_start)) return place;
  }
  if (const Region* left = Tree::left_of(top)) {
    if (const VirtAddr place = fit(left->subtree_end, top.start)) return place;
    return find_hole(*left, size, lowest, limit);
  }
  return 0;
}

}  // namespace weft::mm
