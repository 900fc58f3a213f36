// The instructions that C++ has no words for: control registers, model-specific registers (MSRs),
// CPUID, ports, the interrupt flag. Used by x86_64/ and dev/ only.
#pragma once

#include <cstdint>

#include "core/base/types.hh"

namespace weft::x86 {

// ---- Ports -----------------------------------------------------------------------------------

inline void out8(uint16_t port, uint8_t value) {
  asm volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}
inline void out16(uint16_t port, uint16_t value) {
  asm volatile("outw %0, %1" ::"a"(value), "Nd"(port));
}
inline uint8_t in8(uint16_t port) {
  uint8_t value;
  asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

// ---- CPUID and model-specific registers ---------------------------------------------------------

struct CpuidResult {
  uint32_t eax, ebx, ecx, edx;
};
inline CpuidResult cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  CpuidResult result;
  asm volatile("cpuid"
               : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
               : "a"(leaf), "c"(subleaf));
  return result;
}

enum class Msr : uint32_t {
  apic_base = 0x1b,
  tsc_deadline = 0x6e0,
  x2apic = 0x800,  // the first of the local APIC's registers
  efer = 0xc0000080,
  star = 0xc0000081,    // segments of SYSCALL and SYSRET
  lstar = 0xc0000082,   // where SYSCALL leads
  sfmask = 0xc0000084,  // flags that SYSCALL clears
  fs_base = 0xc0000100,
  gs_base = 0xc0000101,
  other_gs_base = 0xc0000102,  // what SWAPGS changes it with: the program's, in the kernel
};
inline constexpr uint64_t k_efer_system_call = 1 << 0;
inline constexpr uint64_t k_efer_no_execute = 1 << 11;

inline uint64_t read_msr(Msr msr) {
  uint32_t low, high;
  asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(static_cast<uint32_t>(msr)));
  return uint64_t{high} << 32 | low;
}
inline void write_msr(Msr msr, uint64_t value) {
  asm volatile("wrmsr" ::"a"(static_cast<uint32_t>(value)), "d"(static_cast<uint32_t>(value >> 32)),
               "c"(static_cast<uint32_t>(msr))
               : "memory");
}

// ---- Control registers --------------------------------------------------------------------------

inline constexpr uint64_t k_cr4_global_pages = 1 << 7;
inline constexpr uint64_t k_cr4_fxsave = 1 << 9;
inline constexpr uint64_t k_cr4_simd_errors = 1 << 10;
inline constexpr uint64_t k_cr4_xsave = 1 << 18;
inline constexpr uint64_t k_cr4_umip = 1 << 11;
inline constexpr uint64_t k_cr4_smep = 1 << 20;
inline constexpr uint64_t k_cr4_smap = 1 << 21;

inline constexpr uint64_t k_cr0_monitor_fpu = 1 << 1;
inline constexpr uint64_t k_cr0_emulate_fpu = 1 << 2;
inline constexpr uint64_t k_cr0_task_switched = 1 << 3;
inline constexpr uint64_t k_cr0_native_fpu_errors = 1 << 5;

inline uint64_t read_cr0() {
  uint64_t value;
  asm volatile("movq %%cr0, %0" : "=r"(value));
  return value;
}
inline void write_cr0(uint64_t value) { asm volatile("movq %0, %%cr0" ::"r"(value) : "memory"); }
inline uint64_t read_cr2() {
  uint64_t value;
  asm volatile("movq %%cr2, %0" : "=r"(value));
  return value;
}
inline uint64_t read_cr3() {
  uint64_t value;
  asm volatile("movq %%cr3, %0" : "=r"(value));
  return value;
}
inline void write_cr3(uint64_t value) { asm volatile("movq %0, %%cr3" ::"r"(value) : "memory"); }
inline uint64_t read_cr4() {
  uint64_t value;
  asm volatile("movq %%cr4, %0" : "=r"(value));
  return value;
}
inline void write_cr4(uint64_t value) { asm volatile("movq %0, %%cr4" ::"r"(value) : "memory"); }

inline void invalidate_page(VirtAddr address) {
  asm volatile("invlpg (%0)" ::"r"(address) : "memory");
}

// ---- Interrupt flag, halting, time --------------------------------------------------------------

inline constexpr uint64_t k_rflags_interrupts = 1 << 9;

inline uint64_t read_rflags() {
  uint64_t flags;
  asm volatile("pushfq; popq %0" : "=r"(flags));
  return flags;
}
inline void interrupts_off() { asm volatile("cli" ::: "memory"); }
inline void interrupts_on() { asm volatile("sti" ::: "memory"); }
// `sti` takes effect after the next instruction: no interrupt can slip in between the two.
inline void interrupts_on_and_halt() { asm volatile("sti; hlt" ::: "memory"); }
inline void pause() { asm volatile("pause" ::: "memory"); }

// This CPU does nothing more.
[[noreturn]] inline void halt_for_ever() {
  for (;;) asm volatile("cli; hlt" ::: "memory");
}

// The time stamp counter, not read before what stands before it in the program.
inline uint64_t read_tsc() {
  uint64_t low, high;  // 32 bits of it each
  asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
  return high << 32 | low;
}

}  // namespace weft::x86
