// TrapFrame: all registers of interrupted code, as entry.S and the CPU put them on the stack.
#pragma once

#include <cstdint>

namespace weft::x86 {

struct TrapFrame {
  // Saved by entry.S.
  uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
  uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
  uint64_t vector;
  // Saved by the CPU. For exceptions without an error code, entry.S puts a zero there.
  uint64_t error_code;
  uint64_t rip, cs, rflags, rsp, ss;
};

}  // namespace weft::x86
