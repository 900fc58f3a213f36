// Switching off, as ACPI says.
#pragma once

#include "x86_64/early_memory.hh"

namespace weft::x86 {

// Once, when read_acpi() has found out how.
void prepare_power_off(EarlyMemory& memory);
// Switches the machine off; returns if ACPI doesn't say how.
void acpi_power_off();

}  // namespace weft::x86
