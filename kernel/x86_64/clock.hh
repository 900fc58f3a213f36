// The clock: the time stamp counter (TSC), which counts at a fixed rate that must be found out
// first.
#pragma once

#include <cstdint>

#include "core/base/types.hh"

namespace weft::x86 {

// Finds the rates of the TSC and of the local APIC's timer. From here on hal::now() goes; before,
// it is 0. False if the machine has nothing to measure them against. On the boot CPU, once; its
// local APIC is on.
bool start_clock();

// The TSC's rate; the timer's.
uint64_t tsc_hertz();
uint64_t timer_hertz();
// Says how the rate was found.
const char* clock_source();

// The time stamp at which hal::now() reaches that instant, within a few nanoseconds for each hour.
uint64_t time_stamp_of(Instant instant);

}  // namespace weft::x86
