// The system call itself: a number and up to six registers, as the x86-64 ABI of Linux has it. The
// stubs in userlib/syscalls.hh, generated from the table, are what programs use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "core/base/result.hh"

namespace weft::sys {

// Everything that a register can carry.
template <typename T>
inline uint64_t to_register(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<uint64_t>(value);
  } else {
    return static_cast<uint64_t>(static_cast<int64_t>(value));
  }
}

// The kernel keeps all registers but rax, rcx and r11.
inline int64_t raw_call_six(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                            uint64_t e, uint64_t f) {
  int64_t answer;
  register uint64_t r10 asm("r10") = d;
  register uint64_t r8 asm("r8") = e;
  register uint64_t r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(answer)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return answer;
}

template <typename... Arguments>
inline int64_t raw_call(uint64_t number, Arguments... arguments) {
  static_assert(sizeof...(Arguments) <= 6, "a call has at most six arguments");
  uint64_t registers[6] = {};
  size_t at = 0;
  ((registers[at++] = to_register(arguments)), ...);
  return raw_call_six(number, registers[0], registers[1], registers[2], registers[3], registers[4],
                      registers[5]);
}

// An answer from -4095 to -1 is an errno with its sign turned.
template <typename T>
inline auto result(int64_t answer) -> Result<T> {
  if (answer < 0 && answer >= -4095) [[unlikely]]
    return fail(static_cast<Errno>(-answer));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(answer);
  } else {
    return static_cast<T>(answer);
  }
}

}  // namespace weft::sys
