#include "core/mm/memory_object.hh"

#include <cstring>

#include "core/mm/address_space.hh"
#include "core/mm/heap.hh"
#include "core/mm/page_frames.hh"

namespace weft::mm {
namespace {

uint64_t pages_for(uint64_t size) { return (size + k_page_size - 1) >> k_page_shift; }

// The tables are single frames; an entry is the physical address of a frame or of a table below.
uint64_t* entries_at(uint64_t entry) {
  return static_cast<uint64_t*>(hal::phys_to_virt(static_cast<PhysAddr>(entry)));
}

}  // namespace

Result<Ref<MemoryObject>> MemoryObject::make(uint64_t size) {
  Owned<MemoryObject> object = TRY(mm::make<MemoryObject>());
  object->size_.store(size, relaxed);
  return Ref<MemoryObject>::adopt(object.release());
}

void MemoryObject::last_reference_gone(MemoryObject& object) {
  Owned<MemoryObject>(&object).reset();
}

MemoryObject::~MemoryObject() {
  MutexGuard guard(lock_);
  drop_from(0);
}

// A fault that sees the old size puts its page in before the mappings are gone through.
void MemoryObject::resize(uint64_t size) {
  const bool shrinks = size < size_.load(relaxed);
  change_size(size);
  if (shrinks && was_mapped_.load(relaxed)) {
    AddressSpace::drop_object_pages(*this, pages_for(size));
  }
}

void MemoryObject::change_size(uint64_t size) {
  MutexGuard guard(lock_);
  const uint64_t old_size = size_.load(relaxed);
  size_.store(size, relaxed);
  if (size >= old_size) return;
  drop_from(pages_for(size));
  const size_t rest = size % k_page_size;
  uint64_t* last = rest == 0 ? nullptr : find_slot(size >> k_page_shift);
  if (last != nullptr && *last != 0) {
    std::memset(reinterpret_cast<char*>(entries_at(*last)) + rest, 0, k_page_size - rest);
  }
}

Result<PhysAddr> MemoryObject::get_page(uint64_t index) {
  MutexGuard guard(lock_);
  uint64_t* const place = TRY(slot(index));
  if (*place == 0) {
    *place = raw(TRY(page_frames.allocate_zeroed(0, FrameUse::user)));
    resident_.fetch_add(1, relaxed);
  }
  const auto frame = static_cast<PhysAddr>(*place);
  page_frames.add_reference(frame);
  return frame;
}

std::optional<PhysAddr> MemoryObject::find_page(uint64_t index) {
  MutexGuard guard(lock_);
  const uint64_t* place = find_slot(index);
  if (place == nullptr || *place == 0) return std::nullopt;
  const auto frame = static_cast<PhysAddr>(*place);
  page_frames.add_reference(frame);
  return frame;
}

uint64_t* MemoryObject::find_slot(uint64_t index) const {
  if (!reaches(index)) return nullptr;
  Table* table = top_;
  for (unsigned level = levels_ - 1; level > 0; --level) {
    const uint64_t entry = table->entries[index >> (level * k_index_bits) & (k_fanout - 1)];
    if (entry == 0) return nullptr;
    table = reinterpret_cast<Table*>(entries_at(entry));
  }
  return &table->entries[index & (k_fanout - 1)];
}

Result<uint64_t*> MemoryObject::slot(uint64_t index) {
  while (!reaches(index)) {  // one level more, with all there was below its first entry
    const PhysAddr frame = TRY(page_frames.allocate_zeroed(0, FrameUse::page_table));
    auto* higher = static_cast<Table*>(hal::phys_to_virt(frame));
    if (top_ != nullptr) higher->entries[0] = raw(hal::virt_to_phys(top_));
    top_ = higher;
    ++levels_;
  }
  Table* table = top_;
  for (unsigned level = levels_ - 1; level > 0; --level) {
    uint64_t& entry = table->entries[index >> (level * k_index_bits) & (k_fanout - 1)];
    if (entry == 0) entry = raw(TRY(page_frames.allocate_zeroed(0, FrameUse::page_table)));
    table = reinterpret_cast<Table*>(entries_at(entry));
  }
  return &table->entries[index & (k_fanout - 1)];
}

void MemoryObject::drop_from(uint64_t first_index) {
  if (top_ == nullptr || !drop_below(*top_, levels_ - 1, 0, first_index)) return;
  page_frames.free(hal::virt_to_phys(top_), 0);
  top_ = nullptr;
  levels_ = 0;
}

bool MemoryObject::drop_below(Table& table, unsigned level, uint64_t base, uint64_t first) {
  bool is_empty = true;
  for (uint64_t i = 0; i < k_fanout; ++i) {
    uint64_t& entry = table.entries[i];
    if (entry == 0) continue;
    const uint64_t from = base + (i << (level * k_index_bits));
    const uint64_t last = from + ((uint64_t{1} << (level * k_index_bits)) - 1);
    const bool is_kept =
        last < first || (level > 0 && !drop_below(*reinterpret_cast<Table*>(entries_at(entry)),
                                                  level - 1, from, first));
    if (is_kept) {
      is_empty = false;
      continue;
    }
    const auto frame = static_cast<PhysAddr>(entry);
    entry = 0;
    if (level > 0) {
      page_frames.free(frame, 0);
    } else {
      page_frames.drop_reference(frame);
      resident_.fetch_sub(1, relaxed);
    }
  }
  return is_empty;
}

}  // namespace weft::mm
