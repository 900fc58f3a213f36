#include "core/mm/page_table.hh"

#include "core/mm/page_frames.hh"

namespace weft::mm {

uint64_t no_execute_bit = 0;

namespace {

// An entry that leads to a table: everything is allowed here, the last level says what is not.
constexpr uint64_t k_table_bits = 0b111;  // present, writable, user
constexpr uint64_t k_frame_mask = 0x000f'ffff'ffff'f000;

PhysAddr table_of(uint64_t entry) { return static_cast<PhysAddr>(entry & k_frame_mask); }

}  // namespace

Result<> PageTable::init() {
  no_execute_bit = hal::has_no_execute() ? uint64_t{1} << 63 : 0;
  root_ = TRY(page_frames.allocate_zeroed(0, FrameUse::page_table));
  hal::share_kernel_half(root_);
  return {};
}

PageTable::~PageTable() {
  if (root_ == PhysAddr{}) return;
  free_tables(0, k_user_end);
  page_frames.free(root_, 0);
}

PageTablePage* PageTable::last_table(VirtAddr address) const {
  PageTablePage* table = table_at(root_);
  for (unsigned level = k_levels - 1; level > 0; --level) {
    const uint64_t entry = table->slots[index(address, level)].load(relaxed);
    if (entry == 0) return nullptr;
    table = table_at(table_of(entry));
  }
  return table;
}

PageSlot* PageTable::find(VirtAddr address) const {
  PageTablePage* table = last_table(address);
  return table == nullptr ? nullptr : &table->slots[index(address, 0)];
}

Result<PageSlot*> PageTable::find_or_make(VirtAddr address) {
  PageTablePage* table = table_at(root_);
  for (unsigned level = k_levels - 1; level > 0; --level) {
    PageSlot& slot = table->slots[index(address, level)];
    uint64_t entry = slot.load(relaxed);
    if (entry == 0) {
      entry = raw(TRY(page_frames.allocate_zeroed(0, FrameUse::page_table))) | k_table_bits;
      slot.store(entry, release);
    }
    table = table_at(table_of(entry));
  }
  return &table->slots[index(address, 0)];
}

VirtAddr PageTable::next_table(VirtAddr address) const {
  const PageTablePage* table = table_at(root_);
  for (unsigned level = k_levels - 1; level > 0; --level) {
    const uint64_t entry = table->slots[index(address, level)].load(relaxed);
    if (entry == 0) {  // nothing in all that this entry spans
      const VirtAddr span = VirtAddr{1} << (k_page_shift + 9 * level);
      return (address & ~(span - 1)) + span;
    }
    table = table_at(table_of(entry));
  }
  return (address & ~(k_last_table_span - 1)) + k_last_table_span;
}

void PageTable::free_tables(VirtAddr start, VirtAddr end) {
  free_below(*table_at(root_), k_levels - 1, 0, start, end);
}

void PageTable::free_below(PageTablePage& table, unsigned level, VirtAddr base, VirtAddr start,
                           VirtAddr end) {
  const VirtAddr span = VirtAddr{1} << (k_page_shift + 9 * level);
  const bool is_top = level == k_levels - 1;
  const unsigned first = start > base ? static_cast<unsigned>((start - base) / span) : 0;
  for (unsigned i = first; i < (is_top ? k_entries / 2 : k_entries); ++i) {
    const VirtAddr from = base + i * span;
    if (from >= end) return;
    const uint64_t entry = table.slots[i].load(relaxed);
    if (entry == 0) continue;
    PageTablePage& below = *table_at(table_of(entry));
    if (level > 1) free_below(below, level - 1, from, start, end);
    if (from >= start && from + span <= end) {
      table.slots[i].store(0, relaxed);
      page_frames.free(table_of(entry), 0);
    }
  }
}

}  // namespace weft::mm
