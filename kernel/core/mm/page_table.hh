// The page table of one process, as the CPU reads it: four levels of 512 entries, each level's entry
// leading to a table of the next, the last one to a page. The upper half is the kernel's, the same in
// all; here is what is done to the lower half, the user's.
//
//   address:  | 9 bits | 9 bits | 9 bits | 9 bits | 12 bits: place in the page |
//   table:      level 3  level 2  level 1  level 0
//
// Only memory is read and written here, so the same code runs on the host. The CPU writes too: it
// sets `accessed` and `dirty` in an entry at any moment; so entries are atomic.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "core/base/access.hh"
#include "core/base/atomic.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"
#include "core/hal.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/table_pool.hh"

namespace weft::mm {

inline constexpr unsigned k_entries = 512;

// The entry's bit that forbids execution; 0 where the CPU doesn't know it. Set by the first init().
extern uint64_t no_execute_bit;

// The value of one entry of the last level.
class PageEntry {
 public:
  static constexpr uint64_t k_frame_mask = 0x000f'ffff'ffff'f000;

  constexpr PageEntry() = default;
  constexpr explicit PageEntry(uint64_t bits) : bits_(bits) {}
  // Leads to the frame. Without any access the entry keeps the frame and lets nobody in.
  static PageEntry page(PhysAddr frame, Access access) {
    uint64_t bits = raw(frame) | k_held | k_user;
    if (access != Access::none) bits |= k_present;
    if (allows(access, Access::write)) bits |= k_writable | k_present;
    if (!allows(access, Access::execute)) bits |= no_execute_bit;
    return PageEntry(bits);
  }
  // No page, and none may come: a touch is an error (MADV_GUARD_INSTALL).
  static constexpr PageEntry guard() { return PageEntry(k_guard); }

  constexpr uint64_t bits() const { return bits_; }
  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr bool is_guard() const { return bits_ == k_guard; }
  // There is a frame behind it, reachable or not.
  constexpr bool has_frame() const { return (bits_ & k_held) != 0; }
  constexpr bool is_present() const { return (bits_ & k_present) != 0; }
  constexpr bool is_writable() const { return (bits_ & k_writable) != 0; }
  constexpr bool is_dirty() const { return (bits_ & k_dirty) != 0; }
  constexpr PhysAddr frame() const { return static_cast<PhysAddr>(bits_ & k_frame_mask); }
  constexpr PageEntry read_only() const { return PageEntry(bits_ & ~k_writable); }
  // The CPU lets this access through as the entry stands.
  bool permits(Access wanted) const {
    return is_present() && (!allows(wanted, Access::write) || is_writable()) &&
           (!allows(wanted, Access::execute) || (bits_ & no_execute_bit) == 0);
  }

 private:
  static constexpr uint64_t k_present = 1 << 0;
  static constexpr uint64_t k_writable = 1 << 1;
  static constexpr uint64_t k_user = 1 << 2;
  static constexpr uint64_t k_dirty = 1 << 6;
  static constexpr uint64_t k_held = 1 << 9;    // ours: the CPU ignores bits 9 to 11
  static constexpr uint64_t k_guard = 1 << 10;  // ours

  uint64_t bits_ = 0;
};

using PageSlot = Atomic<uint64_t>;  // where an entry stands
struct alignas(k_page_size) PageTablePage {
  std::array<PageSlot, k_entries> slots;
};

class PageTable {
 public:
  PageTable() = default;
  PageTable(const PageTable&) = delete;
  PageTable& operator=(const PageTable&) = delete;
  // The user half is empty when it dies: clear() was called.
  ~PageTable();

  // Makes the top table. Errno::nomem.
  Result<> init();
  PhysAddr root() const { return root_; }

  // The slot of a page, or nullptr if there is no table for it yet.
  PageSlot* find(VirtAddr address) const;
  // The same; makes the tables on the way. Errno::nomem.
  Result<PageSlot*> find_or_make(VirtAddr address);

  // Calls visit(address, slot) for each slot of the range that isn't empty, in order. Skips what has
  // no table, however large. `visit` returns a Result<>: an error ends the walk.
  template <typename Visit>
  Result<> for_each(VirtAddr start, VirtAddr end, Visit visit) const {
    if (start >= end) return {};
    return visit_below(root_, k_levels - 1, 0, start, end - 1, visit);
  }

  // Takes everything out: visit(entry) is told each entry that isn't empty. No CPU has it loaded.
  template <typename Visit>
  void clear(Visit visit) {
    clear_below(root_, k_levels - 1, visit);
  }

  // Slots of addresses that come in order: a table that is in use already isn't looked for again.
  class Filler {
   public:
    explicit Filler(PageTable& table) : table_(table) {}
    // As find_or_make().
    Result<PageSlot*> slot(VirtAddr address);

   private:
    PageTable& table_;
    PhysAddr last_{};
    VirtAddr base_ = 1;  // of what `last_` spans; no base at first
  };

 private:
  static constexpr unsigned k_levels = 4;
  static constexpr unsigned k_group = 8;  // slots that have a bit of PageFrame::filled_groups

  static constexpr VirtAddr span(unsigned level) {
    return VirtAddr{1} << (k_page_shift + 9 * level);
  }
  static constexpr unsigned index(VirtAddr address, unsigned level) {
    return address >> (k_page_shift + 9 * level) & (k_entries - 1);
  }
  static PageTablePage& table_at(PhysAddr frame) {
    return *static_cast<PageTablePage*>(hal::phys_to_virt(frame));
  }
  static PhysAddr table_of(uint64_t entry) {
    return static_cast<PhysAddr>(entry & PageEntry::k_frame_mask);
  }
  static uint64_t& groups_of(PhysAddr table) { return page_frames.frame(table).filled_groups; }
  // The slot is going to be used.
  static PageSlot& use_slot(PhysAddr table, unsigned index) {
    groups_of(table) |= uint64_t{1} << index / k_group;
    return table_at(table).slots[index];
  }
  // The last-level table around the address, made if there is none.
  Result<PhysAddr> find_or_make_last(VirtAddr address);
  // Makes the tables that are missing below this one, of that level; the last of them.
  [[gnu::noinline]] static Result<PhysAddr> make_below(PhysAddr table, unsigned level,
                                                       VirtAddr address);

  // `base` is the address that the table begins with; `first` and `last` lie in what it spans.
  template <typename Visit>
  static Result<> visit_below(PhysAddr table, unsigned level, VirtAddr base, VirtAddr first,
                              VirtAddr last, Visit& visit) {
    const unsigned begin = index(first, level);
    const unsigned end = index(last, level);
    uint64_t groups =
        groups_of(table) & ~uint64_t{0} << begin / k_group & ~uint64_t{0} >> (63 - end / k_group);
    for (; groups != 0; groups &= groups - 1) {
      const auto group = static_cast<unsigned>(std::countr_zero(groups)) * k_group;
      const unsigned stop = std::min(end, group + k_group - 1);
      for (unsigned i = std::max(begin, group); i <= stop; ++i) {
        PageSlot& slot = table_at(table).slots[i];
        const uint64_t entry = slot.load(relaxed);
        if (entry == 0) continue;
        const VirtAddr address = base + i * span(level);
        if (level == 0) {
          TRY(visit(address, slot));
        } else {
          TRY(visit_below(table_of(entry), level - 1, address, std::max(first, address),
                          std::min(last, address + span(level) - 1), visit));
        }
      }
    }
    return {};
  }

  template <typename Visit>
  static void clear_below(PhysAddr table, unsigned level, Visit& visit) {
    for (uint64_t groups = groups_of(table); groups != 0; groups &= groups - 1) {
      const auto group = static_cast<unsigned>(std::countr_zero(groups)) * k_group;
      for (unsigned i = group; i < group + k_group; ++i) {
        PageSlot& slot = table_at(table).slots[i];
        const uint64_t entry = slot.load(relaxed);
        if (entry == 0) continue;
        slot.store(0, relaxed);
        if (level == 0) {
          visit(PageEntry(entry));
        } else {
          clear_below(table_of(entry), level - 1, visit);
          give_table(TableKind::lower, table_of(entry));
        }
      }
    }
  }

  PhysAddr root_{};
};

}  // namespace weft::mm
