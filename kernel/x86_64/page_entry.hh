// PageEntry: one entry of a page table, and where an address is looked up at each level.
#pragma once

#include <cstdint>

#include "core/base/atomic.hh"
#include "core/base/types.hh"
#include "core/hal.hh"
#include "x86_64/features.hh"

namespace weft::x86 {

class PageEntry {
 public:
  static constexpr uint64_t k_present = 1 << 0;
  static constexpr uint64_t k_writable = 1 << 1;
  static constexpr uint64_t k_uncached = 1 << 3 | 1 << 4;  // write-through, cache disabled
  static constexpr uint64_t k_accessed = 1 << 5;
  static constexpr uint64_t k_dirty = 1 << 6;
  static constexpr uint64_t k_large = 1 << 7;   // a page, though not on the lowest level
  static constexpr uint64_t k_global = 1 << 8;  // stays in the TLB when the root table changes
  static constexpr uint64_t k_no_execute = uint64_t{1} << 63;

  constexpr PageEntry() = default;
  constexpr explicit PageEntry(uint64_t bits) : bits_(bits) {}

  // An entry that leads to a table. Its own bits permit everything: the last level decides.
  static PageEntry table(PhysAddr table) { return PageEntry(raw(table) | k_present | k_writable); }

  bool is_present() const { return (bits_ & k_present) != 0; }
  bool is_large() const { return (bits_ & k_large) != 0; }
  PhysAddr address() const { return static_cast<PhysAddr>(bits_ & 0x000f'ffff'ffff'f000); }
  uint64_t bits() const { return bits_; }

 private:
  uint64_t bits_ = 0;
};

inline constexpr unsigned k_root_level = 4;
inline constexpr size_t k_entries = 512;

// How many bytes one entry of that level stands for.
constexpr uint64_t entry_span(unsigned level) { return uint64_t{1} << (12 + 9 * (level - 1)); }
constexpr size_t entry_index(VirtAddr address, unsigned level) {
  return address >> (12 + 9 * (level - 1)) & (k_entries - 1);
}

// A page table, read and written by several CPUs at once.
class PageTable {
 public:
  static PageTable& at(PhysAddr address) {
    return *static_cast<PageTable*>(hal::phys_to_virt(address));
  }

  PageEntry entry(VirtAddr address, unsigned level) const {
    return PageEntry(entries_[entry_index(address, level)].load(acquire));
  }
  void set_entry(VirtAddr address, unsigned level, PageEntry entry) {
    entries_[entry_index(address, level)].store(entry.bits(), release);
  }
  // Puts the entry there if there is none yet. Returns the one that is there in the end.
  PageEntry set_if_empty(VirtAddr address, unsigned level, PageEntry entry) {
    uint64_t seen = 0;
    const bool was_empty =
        entries_[entry_index(address, level)].compare_exchange(seen, entry.bits(), acq_rel);
    return was_empty ? entry : PageEntry(seen);
  }

 private:
  Atomic<uint64_t> entries_[k_entries];
};
static_assert(sizeof(PageTable) == k_page_size);

}  // namespace weft::x86
