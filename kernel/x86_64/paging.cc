#include "x86_64/paging.hh"

#include <algorithm>

#include "core/base/assert.hh"
#include "core/hal.hh"
#include "x86_64/address_space.hh"
#include "x86_64/features.hh"
#include "x86_64/image.hh"
#include "x86_64/page_entry.hh"
#include "x86_64/registers.hh"

namespace weft::x86 {
namespace {

constinit PhysAddr root_table{};

uint64_t bits_for(Access access) {
  // Accessed and dirty are set at once, so that the CPU need not do it later.
  uint64_t bits = PageEntry::k_present | PageEntry::k_accessed | PageEntry::k_dirty;
  if (features.global_pages) bits |= PageEntry::k_global;
  if (access != Access::execute && features.no_execute) bits |= PageEntry::k_no_execute;
  if (access == Access::read_write || access == Access::device) bits |= PageEntry::k_writable;
  if (access == Access::device) bits |= PageEntry::k_uncached;
  return bits;
}

// The largest page that fits this place.
unsigned level_for(VirtAddr address, uint64_t frame, uint64_t size) {
  const unsigned highest = features.gigabyte_pages ? 3 : 2;
  for (unsigned level = highest; level > 1; --level) {
    const uint64_t span = entry_span(level);
    if (address % span == 0 && frame % span == 0 && size >= span) return level;
  }
  return 1;
}

// ---- While the machine starts: one CPU, tables from the early memory ----------------------------

// The table of that level that the address is looked up in.
PageTable& make_table(VirtAddr address, unsigned wanted_level, EarlyMemory& memory) {
  PageTable* table = &PageTable::at(root_table);
  for (unsigned level = k_root_level; level > wanted_level; --level) {
    PageEntry entry = table->entry(address, level);
    if (!entry.is_present()) {
      entry = PageEntry::table(memory.take_frame());
      table->set_entry(address, level, entry);
    }
    ASSERT(!entry.is_large(), "what is mapped once is not mapped again");
    table = &PageTable::at(entry.address());
  }
  return *table;
}

void map_range(VirtAddr address, uint64_t frame, uint64_t size, Access access,
               EarlyMemory& memory) {
  const uint64_t bits = bits_for(access);
  while (size > 0) {
    const unsigned level = level_for(address, frame, size);
    const uint64_t span = entry_span(level);
    PageTable& table = make_table(address, level, memory);
    // As many entries as this table has, so that it is looked up once.
    do {
      table.set_entry(address, level,
                      PageEntry(frame | bits | (level > 1 ? PageEntry::k_large : 0)));
      address += span;
      frame += span;
      size -= span;
    } while (size >= span && entry_index(address, level) != 0 &&
             level_for(address, frame, size) == level);
  }
}

void map_image(EarlyMemory& memory) {
  const auto map_part = [&](VirtAddr begin, VirtAddr end, Access access) {
    map_range(begin, begin - k_image_offset, end - begin, access, memory);
  };
  map_part(address_of(image_text_start), address_of(image_text_end), Access::execute);
  map_part(address_of(image_rodata_start), address_of(image_rodata_end), Access::read);
  const VirtAddr guard = address_of(boot_stack_guard);  // stays without a mapping
  map_part(address_of(image_data_start), guard, Access::read_write);
  map_part(guard + k_page_size, address_of(image_data_end), Access::read_write);
  map_part(address_of(symbol_table_start), address_of(image_end), Access::read);
}

// All memory, at its distance. Text and constants are there, too, and stay safe from writing.
void map_memory(const MemoryRange& range, EarlyMemory& memory) {
  const uint64_t begin = round_down(range.begin, k_page_size);
  const uint64_t end = std::min(round_up(range.end, k_page_size), k_most_memory);
  const auto map_part = [&](uint64_t from, uint64_t to, Access access) {
    from = std::max(from, begin);
    to = std::min(to, end);
    if (from < to) map_range(k_direct_map + from, from, to - from, access, memory);
  };
  const uint64_t protected_begin = place_of(image_text_start);
  const uint64_t protected_end = place_of(image_rodata_end);
  map_part(0, protected_begin, Access::read_write);
  map_part(protected_begin, protected_end, Access::read);
  map_part(protected_end, k_most_memory, Access::read_write);
}

void map_all_memory(const BootInfo& info, EarlyMemory& memory) {
  // Below 1 MiB everything is mapped, since the firmware's tables are searched for there.
  constexpr uint64_t k_low_end = 1 << 20;
  map_memory({0, k_low_end, MemoryKind::usable}, memory);
  uint64_t mapped_until = k_low_end;
  for (const MemoryRange& range : info.memory.ranges()) {
    if (range.kind == MemoryKind::reserved || range.kind == MemoryKind::broken) continue;
    const uint64_t begin = std::max(round_down(range.begin, k_page_size), mapped_until);
    if (begin >= range.end) continue;
    map_memory({begin, range.end, range.kind}, memory);
    mapped_until = round_up(range.end, k_page_size);
  }
}

// The entry of the lowest level for this address, or nothing if a table is missing.
struct Place {
  PageTable* table = nullptr;
  PageEntry entry;  // of the lowest level that there is
  unsigned level = k_root_level;
};
Place look_up(VirtAddr address) {
  Place place{.table = &PageTable::at(root_table), .entry = {}, .level = k_root_level};
  for (;;) {
    place.entry = place.table->entry(address, place.level);
    if (!place.entry.is_present() || place.entry.is_large() || place.level == 1) return place;
    place.table = &PageTable::at(place.entry.address());
    --place.level;
  }
}

bool is_in_kernel_area(VirtAddr address) {
  return address >= k_kernel_area && address < k_kernel_area + k_kernel_area_size &&
         address % k_page_size == 0;
}

constinit VirtAddr next_device_page = k_machine_area + (uint64_t{1} << 30);

}  // namespace

void build_kernel_tables(const BootInfo& info, EarlyMemory& memory) {
  root_table = memory.take_frame();
  map_image(memory);
  map_all_memory(info, memory);
  // From now on no entry of the kernel's half of the root table changes: a process's root table may
  // copy them once and for all.
  make_table(k_kernel_area, k_root_level - 1, memory);
  make_table(k_machine_area, k_root_level - 1, memory);
  write_cr3(raw(root_table));
}

PhysAddr kernel_root_table() { return root_table; }

void map_machine_page(VirtAddr address, PhysAddr frame, Access access, EarlyMemory& memory) {
  map_range(address, raw(frame), k_page_size, access, memory);
}

void add_to_direct_map(PhysAddr begin, uint64_t size, EarlyMemory& memory) {
  const uint64_t end = raw(begin) + size;
  for (uint64_t frame = round_down(raw(begin), k_page_size); frame < end; frame += k_page_size) {
    if (is_mapped(k_direct_map + frame)) continue;
    map_range(k_direct_map + frame, frame, k_page_size, Access::read, memory);
  }
}

volatile void* map_device(PhysAddr registers, EarlyMemory& memory) {
  const VirtAddr page = next_device_page;
  next_device_page += k_page_size;
  const uint64_t offset = raw(registers) % k_page_size;
  map_machine_page(page, static_cast<PhysAddr>(raw(registers) - offset), Access::device, memory);
  return reinterpret_cast<volatile void*>(page + offset);
}

bool is_mapped(VirtAddr address) {
  const bool is_canonical =
      static_cast<int64_t>(address << 16) >> 16 == static_cast<int64_t>(address);
  return is_canonical && look_up(address).entry.is_present();
}

}  // namespace weft::x86

namespace weft {

using namespace x86;

void* hal::phys_to_virt(PhysAddr address) {
  return reinterpret_cast<void*>(k_direct_map + raw(address));
}

PhysAddr hal::virt_to_phys(const void* pointer) {
  const auto address = reinterpret_cast<VirtAddr>(pointer);
  DEBUG_ASSERT(address >= k_direct_map && address < k_direct_map + k_most_memory,
               "only a pointer into the direct map leads back to a physical address");
  return static_cast<PhysAddr>(address - k_direct_map);
}

hal::Area hal::kernel_area() { return {k_kernel_area, k_kernel_area_size}; }

// Several CPUs may be here at once, for different pages that need the same new table. Each makes
// one; whoever is first to put it into its place wins, and the others give theirs back.
Result<> hal::map_kernel(VirtAddr address, PhysAddr frame) {
  ASSERT(is_in_kernel_area(address), "only the kernel area's pages are mapped at run time");
  PageTable* table = &PageTable::at(root_table);
  for (unsigned level = k_root_level; level > 1; --level) {
    PageEntry entry = table->entry(address, level);
    if (!entry.is_present()) {
      const PhysAddr made = TRY(upcall::table_frame());
      entry = table->set_if_empty(address, level, PageEntry::table(made));
      if (entry.address() != made) upcall::return_table_frame(made);
    }
    table = &PageTable::at(entry.address());
  }
  DEBUG_ASSERT(!table->entry(address, 1).is_present(), "a page is mapped once at a time");
  table->set_entry(address, 1, PageEntry(raw(frame) | bits_for(Access::read_write)));
  return {};
}

void hal::unmap_kernel(VirtAddr address) {
  ASSERT(is_in_kernel_area(address), "only the kernel area's pages are unmapped at run time");
  const Place place = look_up(address);
  DEBUG_ASSERT(place.level == 1 && place.entry.is_present(), "only a mapped page is unmapped");
  place.table->set_entry(address, 1, PageEntry());
}

}  // namespace weft
