// Registers: all that a user thread has in the CPU, as the entries put it on its kernel stack. The
// machine writes and reads it; fork copies it; signals and exec change it.
#pragma once

#include <cstdint>

namespace weft {

struct Registers {
  // Saved by the entry code.
  uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
  uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
  uint64_t vector;  // the exception's or interrupt's; in a system call its number, or k_no_call
  // Saved by the CPU, or by the entry code where the CPU does not.
  uint64_t error_code;
  uint64_t rip, cs, rflags, rsp, ss;
};

}  // namespace weft
