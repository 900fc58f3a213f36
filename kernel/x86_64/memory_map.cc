#include "x86_64/memory_map.hh"

#include <algorithm>

namespace weft::x86 {

bool MemoryMap::add(uint64_t begin, uint64_t size, MemoryKind kind) {
  if (size == 0) return true;
  if (count_ == k_room) return false;
  ranges_[count_++] = {begin, begin + size, kind};
  return true;
}

void MemoryMap::remove_empty() {
  const auto end =
      std::remove_if(ranges_.begin(), ranges_.begin() + count_,
                     [](const MemoryRange& range) { return range.begin >= range.end; });
  count_ = static_cast<size_t>(end - ranges_.begin());
}

void MemoryMap::finish() {
  // By address; of two at one place the one that isn't usable first.
  for (size_t i = 1; i < count_; ++i) {
    for (size_t j = i; j > 0 && ranges_[j].begin < ranges_[j - 1].begin; --j) {
      std::swap(ranges_[j], ranges_[j - 1]);
    }
  }
  for (MemoryRange& range : std::span(ranges_).first(count_)) {
    if (range.kind != MemoryKind::usable) continue;
    // Only whole pages are of use; and of a usable range that another one cuts, the part before the
    // cut stays.
    range.begin = round_up(range.begin, k_page_size);
    range.end = round_down(range.end, k_page_size);
    for (const MemoryRange& other : ranges()) {
      if (&other == &range || other.begin >= range.end || other.end <= range.begin) continue;
      if (other.kind == MemoryKind::usable && &other > &range) continue;
      if (other.begin <= range.begin) {
        range.begin = round_up(other.end, k_page_size);
      } else {
        range.end = round_down(other.begin, k_page_size);
      }
    }
  }
  remove_empty();
  for (size_t i = 1; i < count_; ++i) {
    if (ranges_[i].kind == ranges_[i - 1].kind && ranges_[i].begin == ranges_[i - 1].end) {
      ranges_[i].begin = ranges_[i - 1].begin;
      ranges_[i - 1].end = 0;  // empty: removed below
    }
  }
  remove_empty();
}

uint64_t MemoryMap::usable_bytes() const {
  uint64_t bytes = 0;
  for (const MemoryRange& range : ranges()) {
    if (range.kind == MemoryKind::usable) bytes += range.end - range.begin;
  }
  return bytes;
}

}  // namespace weft::x86
