#include "x86_64/clock.hh"

#include <algorithm>

#include "core/hal.hh"
#include "x86_64/features.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/registers.hh"

namespace weft::x86 {
namespace {

constinit uint64_t tsc_at_start = 0;
constinit uint64_t tsc_rate = 0;
constinit uint64_t timer_rate = 0;
constinit const char* source = "nothing";

// Factors times 2^32, since a multiplication is far cheaper than a division.
constinit uint64_t nanoseconds_per_tick = 0;
constinit uint64_t ticks_per_nanosecond = 0;

uint64_t scale(uint64_t value, uint64_t factor) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(value) * factor >> 32);
}

// ---- Rates that the CPU or the hypervisor tells -------------------------------------------------

// CPUID leaf 0x15: crystal frequency and ratio.
uint64_t rate_from_crystal() {
  if (cpuid(0).eax < 0x15) return 0;
  const CpuidResult crystal = cpuid(0x15);
  if (crystal.eax == 0 || crystal.ebx == 0 || crystal.ecx == 0) return 0;
  return uint64_t{crystal.ecx} * crystal.ebx / crystal.eax;
}

// CPUID leaf 0x40000010: rates of the TSC and of the APIC timer in kHz (VMware's idea; QEMU has
// it).
bool rates_from_hypervisor() {
  if (!features.hypervisor || cpuid(0x40000000).eax < 0x40000010) return false;
  const CpuidResult rates = cpuid(0x40000010);
  tsc_rate = uint64_t{rates.eax} * 1000;
  timer_rate = uint64_t{rates.ebx} * 1000;
  return tsc_rate != 0 && timer_rate != 0;
}

// ---- Rates by measuring: against channel 2 of the old timer chip (8254) -------------------------

// The chip counts down 1,193,182 times a second, whatever else a PC is made of.
constexpr uint64_t k_chip_hertz = 1'193'182;
constexpr uint16_t k_chip_channel = 0x42, k_chip_control = 0x43, k_chip_gate = 0x61;

void start_chip() {
  out8(k_chip_gate, (in8(k_chip_gate) & ~2) | 1);  // channel 2 counts, the speaker is off
  out8(k_chip_control, 0xb0);                      // channel 2, low and high byte, one-shot
  out8(k_chip_channel, 0xff);
  out8(k_chip_channel, 0xff);
}

uint16_t read_chip() {
  out8(k_chip_control, 0x80);  // hold the count of channel 2, so that its two bytes fit
  const uint8_t low = in8(k_chip_channel);
  return static_cast<uint16_t>(in8(k_chip_channel) << 8 | low);
}

// What all counters said at one moment.
struct Moment {
  uint64_t tsc = 0;
  uint32_t timer = 0;
  uint16_t chip = 0;
};

// The moment at which the chip's count changes: then the count is exact. False if it stands still.
bool wait_for_change(Moment& moment) {
  const uint16_t before = read_chip();
  for (unsigned tries = 0; tries < 100'000; ++tries) {
    moment.tsc = read_tsc();
    moment.chip = read_chip();
    if (moment.chip != before) {
      moment.timer = read_count();
      return true;
    }
  }
  return false;
}

struct Rates {
  uint64_t tsc = 0;
  uint64_t timer = 0;
};

// Measures until the chip has counted that far. All zero if it stands still.
Rates measure(uint16_t chip_counts) {
  Moment begin, end;
  if (!wait_for_change(begin)) return {};
  do {
    if (!wait_for_change(end)) return {};
  } while (static_cast<uint16_t>(begin.chip - end.chip) < chip_counts);
  const uint64_t elapsed = static_cast<uint16_t>(begin.chip - end.chip);
  return {(end.tsc - begin.tsc) * k_chip_hertz / elapsed,
          uint64_t{begin.timer - end.timer} * k_chip_hertz / elapsed};
}

// They differ by less than half a percent.
bool are_near(uint64_t rate, uint64_t other) {
  const uint64_t difference = rate > other ? rate - other : other - rate;
  return difference < other / 200;
}
bool are_near(const Rates& rates, const Rates& others) {
  return are_near(rates.tsc, others.tsc) && are_near(rates.timer, others.timer);
}

Rates measure_rates() {
  constexpr uint16_t k_short_look = k_chip_hertz / 10'000;  // 0.1 ms
  constexpr uint16_t k_long_look = k_chip_hertz / 500;      // 2 ms
  constexpr Rates k_one_gigahertz{1'000'000'000, 1'000'000'000};
  // A machine that counts its instructions (QEMU with -icount shift=0) has a TSC and a timer of
  // exactly 1 GHz, and there each tick of waiting is an instruction to emulate. A short look tells.
  Rates rates = measure(k_short_look);
  if (are_near(rates, k_one_gigahertz)) return k_one_gigahertz;
  // A virtual machine may lose its CPU for a while in the middle of it all, and then a rate comes
  // out wrong. Two in a row that come out the same are right.
  constexpr unsigned k_most_tries = 50;
  for (unsigned tries = 0; tries < k_most_tries && rates.tsc != 0; ++tries) {
    const Rates before = rates;
    rates = measure(k_long_look);
    if (are_near(rates, before)) return rates;
  }
  return {};
}

bool rates_by_measuring() {
  start_count(~uint32_t{0});
  start_chip();
  Moment unused;
  wait_for_change(unused);  // code that has not run yet is slow under emulation
  const Rates rates = measure_rates();
  start_count(0);
  tsc_rate = rates.tsc;
  timer_rate = rates.timer;
  return tsc_rate != 0 && timer_rate != 0;
}

}  // namespace

bool start_clock() {
  if (rates_from_hypervisor()) {
    source = "the hypervisor's word";
  } else if (rates_by_measuring()) {
    source = "measuring";
  } else {
    return false;
  }
  if (const uint64_t exact = rate_from_crystal(); exact != 0) {
    tsc_rate = exact;
    source = "the CPU's word";
  }
  nanoseconds_per_tick = (k_second << 32) / tsc_rate;
  ticks_per_nanosecond = (tsc_rate / k_second << 32) + (tsc_rate % k_second << 32) / k_second;
  tsc_at_start = read_tsc();
  return true;
}

uint64_t tsc_hertz() { return tsc_rate; }
uint64_t timer_hertz() { return timer_rate; }
const char* clock_source() { return source; }

uint64_t time_stamp_of(Instant instant) {
  constexpr Instant k_farthest = Instant{1} << 60;  // 36 years: later is never
  return tsc_at_start + scale(std::min(instant, k_farthest), ticks_per_nanosecond) + 1;
}

}  // namespace weft::x86

weft::Instant weft::hal::now() {
  using namespace x86;
  return scale(read_tsc() - tsc_at_start, nanoseconds_per_tick);
}
