#include "x86_64/acpi.hh"

#include <cstddef>
#include <span>
#include <string_view>

#include "core/base/log.hh"
#include "core/hal.hh"
#include "x86_64/paging.hh"

namespace weft::x86 {

constinit Machine machine;

namespace {

struct [[gnu::packed]] RootPointer {
  char signature[8];  // "RSD PTR "
  uint8_t checksum;
  char maker[6];
  uint8_t revision;
  uint32_t rsdt;
  // From revision 2 on.
  uint32_t length;
  uint64_t xsdt;
  uint8_t extended_checksum;
  uint8_t reserved[3];
};
constexpr size_t k_old_root_pointer_size = 20;

struct [[gnu::packed]] TableHeader {
  char signature[4];
  uint32_t length;
  uint8_t revision;
  uint8_t checksum;
  char maker[6];
  char maker_table[8];
  uint32_t maker_revision;
  uint32_t creator;
  uint32_t creator_revision;

  std::string_view name() const { return {signature, sizeof signature}; }
};

bool sum_is_zero(const void* begin, size_t length) {
  uint8_t sum = 0;
  for (size_t i = 0; i < length; ++i) sum += static_cast<const uint8_t*>(begin)[i];
  return sum == 0;
}

// A number at an offset of a table, or 0 if the table ends before (older tables are shorter).
template <typename T>
T field(const TableHeader& table, size_t offset) {
  T value{};
  if (offset + sizeof(T) <= table.length) {
    __builtin_memcpy(&value, reinterpret_cast<const char*>(&table) + offset, sizeof(T));
  }
  return value;
}

// A table at that address, if it is one.
const TableHeader* table_at(uint64_t address, EarlyMemory& memory) {
  if (address == 0) return nullptr;
  const auto place = static_cast<PhysAddr>(address);
  add_to_direct_map(place, sizeof(TableHeader), memory);
  const auto* table = static_cast<const TableHeader*>(hal::phys_to_virt(place));
  constexpr uint32_t k_longest = 1 << 20;
  if (table->length < sizeof(TableHeader) || table->length > k_longest) return nullptr;
  add_to_direct_map(place, table->length, memory);
  return sum_is_zero(table, table->length) ? table : nullptr;
}

// ---- Where it starts ----------------------------------------------------------------------------

const RootPointer* root_pointer_at(PhysAddr address, EarlyMemory& memory) {
  add_to_direct_map(address, sizeof(RootPointer), memory);
  const auto* root = static_cast<const RootPointer*>(hal::phys_to_virt(address));
  if (std::string_view(root->signature, 8) != "RSD PTR ") return nullptr;
  return sum_is_zero(root, k_old_root_pointer_size) ? root : nullptr;
}

// Old firmware leaves it somewhere in its own area, on a 16-byte boundary.
const RootPointer* search_root_pointer(EarlyMemory& memory) {
  constexpr uint64_t k_bios_begin = 0xe0000;
  constexpr uint64_t k_bios_end = 0x100000;
  for (uint64_t address = k_bios_begin; address < k_bios_end; address += 16) {
    if (const auto* root = root_pointer_at(static_cast<PhysAddr>(address), memory)) return root;
  }
  return nullptr;
}

// ---- MADT: CPUs and interrupt controllers -------------------------------------------------------

void add_cpu(uint32_t apic_id, uint32_t flags) {
  constexpr uint32_t k_enabled = 1;
  if ((flags & k_enabled) == 0) return;
  ++machine.cpus_found;
  if (machine.cpus < hal::k_max_cpus) machine.cpu_apic_ids[machine.cpus++] = apic_id;
}

void read_madt_entry(const uint8_t* entry) {
  enum Kind : uint8_t {
    local_apic = 0,
    io_apic = 1,
    line_override = 2,
    apic_address = 5,
    x2apic = 9
  };
  const auto number = [entry](size_t offset) {
    uint32_t value;
    __builtin_memcpy(&value, entry + offset, sizeof value);
    return value;
  };
  switch (entry[0]) {
    case local_apic: add_cpu(entry[3], number(4)); break;
    case x2apic: add_cpu(number(4), number(8)); break;
    case io_apic:
      if (machine.io_apic_count < machine.io_apics.size()) {
        machine.io_apics[machine.io_apic_count++] = {static_cast<PhysAddr>(number(4)), number(8)};
      }
      break;
    case line_override:
      if (machine.override_count < machine.overrides.size()) {
        machine.overrides[machine.override_count++] = {
            .isa_irq = entry[3],
            .line = number(4),
            .is_active_low = (entry[8] & 3) == 3,
            .is_level = (entry[8] >> 2 & 3) == 3,
        };
      }
      break;
    case apic_address:
      machine.local_apic = static_cast<PhysAddr>(number(4) | uint64_t{number(8)} << 32);
      break;
  }
}

void read_madt(const TableHeader& madt) {
  constexpr size_t k_local_apic = 36;
  constexpr size_t k_first_entry = 44;
  machine.local_apic = static_cast<PhysAddr>(field<uint32_t>(madt, k_local_apic));
  const auto* begin = reinterpret_cast<const uint8_t*>(&madt);
  for (size_t at = k_first_entry; at + 2 <= madt.length;) {
    const uint8_t length = begin[at + 1];
    if (length < 2 || at + length > madt.length) break;
    read_madt_entry(begin + at);
    at += length;
  }
}

// ---- FADT and DSDT: switching off ---------------------------------------------------------------

// The DSDT is a program. All we want of it is one constant, the package \_S5, which every compiler
// writes the same way: the name, package byte, length, count, and then numbers.
void read_off_types(const TableHeader& dsdt) {
  const std::string_view code(reinterpret_cast<const char*>(&dsdt), dsdt.length);
  const size_t name = code.find("_S5_");
  if (name == code.npos) return;
  size_t at = name + 4;
  const auto next_byte = [&] { return at < code.size() ? static_cast<uint8_t>(code[at++]) : 0; };
  constexpr uint8_t k_package = 0x12;
  constexpr uint8_t k_byte_prefix = 0x0a;
  if (next_byte() != k_package) return;
  at += next_byte() >> 6;  // the length has up to three bytes more
  next_byte();             // the count
  const auto next_number = [&] {
    const uint8_t byte = next_byte();  // the bytes 0 and 1 stand for themselves
    return byte == k_byte_prefix ? next_byte() : byte;
  };
  machine.off_type_a = next_number();
  machine.off_type_b = next_number();
}

void read_fadt(const TableHeader& fadt, EarlyMemory& memory) {
  constexpr size_t k_dsdt = 40, k_long_dsdt = 140, k_pm1a_control = 64, k_pm1b_control = 68,
                   k_flags = 112;
  constexpr size_t k_sleep_space = 244, k_sleep_address = 248;
  constexpr uint32_t k_reduced_hardware = 1 << 20;
  if ((field<uint32_t>(fadt, k_flags) & k_reduced_hardware) != 0) {
    machine.sleep_control = {field<uint64_t>(fadt, k_sleep_address),
                             static_cast<AcpiRegister::Space>(field<uint8_t>(fadt, k_sleep_space))};
  } else {
    machine.pm1a_control = static_cast<uint16_t>(field<uint32_t>(fadt, k_pm1a_control));
    machine.pm1b_control = static_cast<uint16_t>(field<uint32_t>(fadt, k_pm1b_control));
  }
  uint64_t dsdt_address = field<uint64_t>(fadt, k_long_dsdt);
  if (dsdt_address == 0) dsdt_address = field<uint32_t>(fadt, k_dsdt);
  const TableHeader* dsdt = table_at(dsdt_address, memory);
  if (dsdt != nullptr) read_off_types(*dsdt);
}

void read_table(uint64_t address, EarlyMemory& memory) {
  const TableHeader* table = table_at(address, memory);
  if (table == nullptr) {
    log::warn("ACPI: the table at 0x{:x} is damaged", address);
    return;
  }
  log::debug("ACPI: table {} at 0x{:x}", table->name(), address);
  if (table->name() == "APIC") read_madt(*table);
  if (table->name() == "FACP") read_fadt(*table, memory);
}

// The list of all tables, with addresses of 4 bytes (RSDT) or of 8 (XSDT).
template <typename Address>
bool read_list(uint64_t address, EarlyMemory& memory) {
  const TableHeader* list = table_at(address, memory);
  if (list == nullptr) return false;
  for (size_t at = sizeof(TableHeader); at + sizeof(Address) <= list->length;
       at += sizeof(Address)) {
    read_table(field<Address>(*list, at), memory);
  }
  return true;
}

}  // namespace

bool read_acpi(PhysAddr rsdp, EarlyMemory& memory) {
  const RootPointer* root = nullptr;
  if (raw(rsdp) != 0) root = root_pointer_at(rsdp, memory);
  if (root == nullptr) root = search_root_pointer(memory);
  if (root == nullptr) return false;
  log::debug("ACPI: revision {}, root pointer at {}", root->revision,
             static_cast<const void*>(root));
  if (root->revision >= 2 && root->xsdt != 0 && read_list<uint64_t>(root->xsdt, memory))
    return true;
  return read_list<uint32_t>(root->rsdt, memory);
}

}  // namespace weft::x86
