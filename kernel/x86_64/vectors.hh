// Who has which of the 256 interrupt vectors. A higher number is served first.
#pragma once

#include <cstdint>

namespace weft::x86 {

// Exceptions, numbered by Intel.
enum class Exception : uint8_t {
  divide_error = 0,
  debug = 1,
  nmi = 2,
  breakpoint = 3,
  overflow = 4,
  bound_range = 5,
  invalid_opcode = 6,
  no_fpu = 7,
  double_fault = 8,
  invalid_tss = 10,
  segment_not_present = 11,
  stack_segment = 12,
  general_protection = 13,
  page_fault = 14,
  fpu_error = 16,
  alignment_check = 17,
  machine_check = 18,
  simd_error = 19,
};

inline constexpr uint8_t k_first_interrupt = 32;

// The old interrupt controller (8259) is silent, but may still send a spurious interrupt.
inline constexpr uint8_t k_vector_pic = 0x20;
// Interrupt line n of the I/O APICs arrives as this vector + n.
inline constexpr uint8_t k_vector_device = 0x30;
inline constexpr unsigned k_device_lines = 24;

inline constexpr uint8_t k_vector_kick = 0xe0;
inline constexpr uint8_t k_vector_timer = 0xe1;
inline constexpr uint8_t k_vector_flush = 0xe2;
inline constexpr uint8_t k_vector_spurious = 0xff;

}  // namespace weft::x86
