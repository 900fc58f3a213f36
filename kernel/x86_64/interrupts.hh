// Interrupts of devices. interrupts.cc also brings the timer, kicks and flush requests to where
// they belong.
#pragma once

#include <cstdint>

namespace weft::x86 {

// Runs with interrupts off, on the boot CPU.
using IrqHandler = void (*)();

// From now on the handler runs whenever the ISA device with that number (serial: 4) interrupts.
// False if no I/O APIC has a line for it. While the machine starts, on the boot CPU.
bool set_irq_handler(unsigned isa_irq, IrqHandler handler);

}  // namespace weft::x86
