// Small names that all of the kernel shares: sizes, addresses, time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

inline constexpr size_t k_page_size = 4096;
inline constexpr unsigned k_page_shift = 12;

// A physical address is a type of its own: it can't be followed by mistake.
enum class PhysAddr : uint64_t {};
constexpr uint64_t raw(PhysAddr address) { return static_cast<uint64_t>(address); }
constexpr PhysAddr operator+(PhysAddr address, uint64_t bytes) {
  return static_cast<PhysAddr>(raw(address) + bytes);
}

using VirtAddr = uintptr_t;

// Memory that nobody uses at boot. It need not begin or end at a page's edge.
struct MemoryRegion {
  PhysAddr base{};
  uint64_t size = 0;
};

// Time is counted in nanoseconds. An Instant counts from the boot of the machine.
using Nanoseconds = uint64_t;
using Instant = uint64_t;
inline constexpr Instant k_never = ~Instant{0};
inline constexpr Nanoseconds k_microsecond = 1'000;
inline constexpr Nanoseconds k_millisecond = 1'000'000;
inline constexpr Nanoseconds k_second = 1'000'000'000;

constexpr uint64_t round_up(uint64_t value, uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}
constexpr uint64_t round_down(uint64_t value, uint64_t unit) { return value / unit * unit; }

}  // namespace weft
