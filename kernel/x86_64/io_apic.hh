// The I/O APICs: where the devices' interrupt lines end. Each line is sent on to a CPU as a vector.
#pragma once

#include <cstdint>

#include "x86_64/early_memory.hh"

namespace weft::x86 {

// Finds and silences them all. Once; ACPI has been read.
void start_io_apics(EarlyMemory& memory);

// Where an ISA device's interrupt arrives.
struct IoApicLine {
  bool exists = false;
  uint32_t number = 0;
  bool is_active_low = false;
  bool is_level = false;
};
IoApicLine io_apic_line(unsigned isa_irq);

// From now on that line interrupts the boot CPU with that vector.
void open_io_apic_line(const IoApicLine& line, uint8_t vector);

}  // namespace weft::x86
