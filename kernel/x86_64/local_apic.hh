// The local APIC: each CPU's own interrupt controller. It takes interrupts, sends them to other
// CPUs, and has a timer. Its registers are in memory (APIC) or, on CPUs that offer it, in MSRs
// (x2APIC).
#pragma once

#include <cstdint>

#include "x86_64/early_memory.hh"

namespace weft::x86 {

// Finds the registers. On the boot CPU, once.
void find_local_apic(PhysAddr registers, EarlyMemory& memory);
// Switches on this CPU's.
void start_local_apic();
uint32_t own_apic_id();

// The interrupt that is being handled is done: others may come.
void end_of_interrupt();

// Sends an interrupt to the CPU with that APIC id. Interrupts are off.
void send_interrupt(uint32_t apic_id, uint8_t vector);
void send_nmi(uint32_t apic_id);
// The two steps that start a CPU: back to its state after power-on, and off it goes at that page.
void send_init(uint32_t apic_id);
void send_start(uint32_t apic_id, uint8_t page_number);

// The timer: counts down once, at a rate that clock.cc measures, and interrupts at 0.
void start_count(uint32_t count);
uint32_t read_count();
// From now on the timer is set by write_deadline() instead: a time stamp at which to interrupt.
void use_deadline_mode();
void write_deadline(uint64_t time_stamp);

}  // namespace weft::x86
