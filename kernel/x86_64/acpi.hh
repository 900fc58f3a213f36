// ACPI: tables in which the firmware describes the machine. Read once, at boot: which CPUs and
// interrupt controllers there are, and how to switch the machine off.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/types.hh"
#include "core/hal.hh"
#include "x86_64/early_memory.hh"

namespace weft::x86 {

// A register that ACPI names: in memory or at a port.
struct AcpiRegister {
  enum class Space : uint8_t { memory = 0, port = 1 };

  uint64_t address = 0;  // 0: there is no such register
  Space space = Space::port;
};

struct IoApicInfo {
  PhysAddr registers{};
  uint32_t first_line = 0;
};

// An old (ISA) interrupt that arrives at another line than its own number.
struct LineOverride {
  uint8_t isa_irq = 0;
  uint32_t line = 0;
  bool is_active_low = false;
  bool is_level = false;
};

struct Machine {
  // The local APIC ids of the CPUs that can be used; how many there are in all, even if more than
  // there is room for.
  std::array<uint32_t, hal::k_max_cpus> cpu_apic_ids{};
  unsigned cpus = 0;
  unsigned cpus_found = 0;

  PhysAddr local_apic{0xfee00000};
  std::array<IoApicInfo, 4> io_apics{};
  unsigned io_apic_count = 0;
  std::array<LineOverride, 16> overrides{};
  unsigned override_count = 0;

  // How to switch off. On machines with "reduced hardware": sleep_control; else pm1_control.
  AcpiRegister sleep_control;
  uint16_t pm1a_control = 0;
  uint16_t pm1b_control = 0;
  uint8_t off_type_a = 0;  // what \_S5 says is to be written there
  uint8_t off_type_b = 0;
};

extern constinit Machine machine;

// Fills `machine`. False if the firmware has no ACPI tables: then there is one CPU.
bool read_acpi(PhysAddr rsdp, EarlyMemory& memory);

}  // namespace weft::x86
