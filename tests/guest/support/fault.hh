// Doing what faults, in this process, and saying what the kernel said about it.
#pragma once

#include "guest/support/case.hh"
#include "guest/support/linux.hh"
#include "guest/support/names.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {

struct Fault {
  int number;  // the signal, 0 when there was none
  int code;
  void* address;
};

namespace fault_detail {
inline Fault g_fault;
inline uint64_t g_resume_at;

// Ends the faulting function early: its code stands between two labels of probe().
inline void on_fault(int number, siginfo_t* info, void* context) {
  g_fault = {number, info->si_code, info->si_addr};
  registers_of(context).rip = g_resume_at;
}
}  // namespace fault_detail

inline void catch_faults() {
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}) {
    handle_with_info(number, fault_detail::on_fault);
  }
}

// What happens when a byte is read, or written, there. Wants catch_faults() once before.
[[gnu::noinline]] inline Fault probe_read(const volatile void* address) {
  fault_detail::g_fault = {};
  asm volatile(
      "lea 1f(%%rip), %%rax\n\t"
      "mov %%rax, %0\n\t"
      "movb (%1), %%al\n"
      "1:"
      : "=m"(fault_detail::g_resume_at)
      : "r"(address)
      : "rax", "memory");
  return fault_detail::g_fault;
}

[[gnu::noinline]] inline Fault probe_write(volatile void* address) {
  fault_detail::g_fault = {};
  asm volatile(
      "lea 1f(%%rip), %%rax\n\t"
      "mov %%rax, %0\n\t"
      "movb $'w', (%1)\n"
      "1:"
      : "=m"(fault_detail::g_resume_at)
      : "r"(address)
      : "rax", "memory");
  return fault_detail::g_fault;
}

// Calls the code there, which is expected to be one `ret` if it is code at all.
[[gnu::noinline]] inline Fault probe_execute(const void* address) {
  fault_detail::g_fault = {};
  uint64_t stack;
  asm volatile(
      "mov %%rsp, %1\n\t"
      "lea 1f(%%rip), %%rax\n\t"
      "mov %%rax, %0\n\t"
      "sub $128, %%rsp\n\t"
      "call *%2\n"
      "1: mov %1, %%rsp"
      : "=m"(fault_detail::g_resume_at), "=&r"(stack)
      : "r"(address)
      : "rax", "memory");
  return fault_detail::g_fault;
}

inline const char* code_name(const Fault& fault) {
  if (fault.number == SIGSEGV) {
    if (fault.code == SEGV_MAPERR) return "SEGV_MAPERR";
    if (fault.code == SEGV_ACCERR) return "SEGV_ACCERR";
  }
  if (fault.number == SIGBUS && fault.code == BUS_ADRERR) return "BUS_ADRERR";
  if (fault.number == SIGFPE && fault.code == FPE_INTDIV) return "FPE_INTDIV";
  if (fault.number == SIGILL && fault.code == ILL_ILLOPN) return "ILL_ILLOPN";
  if (fault.number == SIGTRAP && fault.code == TRAP_BRKPT) return "TRAP_BRKPT";
  return fault.code == SI_KERNEL ? "SI_KERNEL" : "another code";
}

// "what: fine", or "what: SIGSEGV, SEGV_MAPERR, at that address".
inline void show_fault(std::string_view what, const Fault& fault, const volatile void* address) {
  if (fault.number == 0) return say("{}: fine", what);
  say("{}: {}, {}, {}", what, signal_name(fault.number), code_name(fault),
      fault.address == address ? "at that address" : "at another address");
}

inline void show_read_of(std::string_view what, const volatile void* address) {
  show_fault(what, probe_read(address), address);
}
inline void show_write_of(std::string_view what, volatile void* address) {
  show_fault(what, probe_write(address), address);
}

}  // namespace weft::guest
