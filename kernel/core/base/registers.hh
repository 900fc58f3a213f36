// Registers: all that a user thread has in the CPU, as the entries put it on its kernel stack. The
// machine writes and reads it; fork copies it; signals and exec change it.
#pragma once

#include <cstdint>

namespace weft {

struct Registers {
  // Saved by the entry code. These are the compiler's to keep, or SYSCALL's to overwrite: a system call writes
  // them on its way out, and only if somebody is going to look (see kernel/x86_64/entry.S).
  uint64_t r15, r14, r13, r12, rbx, rbp, rax, r11, rcx;
  uint64_t r10, r9, r8, rdi, rsi, rdx;
  uint64_t vector;  // the exception's or interrupt's; in a system call its number, or k_no_call
  // Saved by the CPU, or by the entry code where the CPU does not.
  uint64_t error_code;
  uint64_t rip, cs, rflags, rsp, ss;
};

}  // namespace weft
