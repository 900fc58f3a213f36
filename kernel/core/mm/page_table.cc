#include "core/mm/page_table.hh"

namespace weft::mm {

uint64_t no_execute_bit = 0;

namespace {

// An entry that leads to a table: everything is allowed here, the last level says what is not.
constexpr uint64_t k_table_bits = 0b111;  // present, writable, user

}  // namespace

Result<> PageTable::init() {
  no_execute_bit = hal::has_no_execute() ? uint64_t{1} << 63 : 0;
  root_ = TRY(take_table(TableKind::top));
  return {};
}

PageTable::~PageTable() {
  if (root_ != PhysAddr{}) give_table(TableKind::top, root_);
}

PageSlot* PageTable::find(VirtAddr address) const {
  PhysAddr table = root_;
  for (unsigned level = k_levels - 1; level > 0; --level) {
    const uint64_t entry = table_at(table).slots[index(address, level)].load(relaxed);
    if (entry == 0) return nullptr;
    table = table_of(entry);
  }
  return &table_at(table).slots[index(address, 0)];
}

// The common case, in which all tables are there, saves no registers for the other one.
Result<PhysAddr> PageTable::find_or_make_last(VirtAddr address) {
  PhysAddr table = root_;
  for (unsigned level = k_levels - 1; level > 0; --level) {
    const uint64_t entry = table_at(table).slots[index(address, level)].load(relaxed);
    if (entry == 0) [[unlikely]]
      return make_below(table, level, address);
    table = table_of(entry);
  }
  return table;
}

Result<PhysAddr> PageTable::make_below(PhysAddr table, unsigned level, VirtAddr address) {
  for (; level > 0; --level) {
    const PhysAddr below = TRY(take_table(TableKind::lower));
    use_slot(table, index(address, level)).store(raw(below) | k_table_bits, release);
    table = below;
  }
  return table;
}

Result<PageSlot*> PageTable::find_or_make(VirtAddr address) {
  return &use_slot(TRY(find_or_make_last(address)), index(address, 0));
}

Result<PageSlot*> PageTable::Filler::slot(VirtAddr address) {
  if (round_down(address, span(1)) != base_) {
    last_ = TRY(table_.find_or_make_last(address));
    base_ = round_down(address, span(1));
  }
  return &use_slot(last_, index(address, 0));
}

}  // namespace weft::mm
