// The tables that the CPU itself reads: segments (GDT), task state (TSS), interrupt entries (IDT).
// 64-bit mode needs little of them: one code and one data segment, and where to find stacks.
#pragma once

#include <cstdint>

#include "core/base/types.hh"
#include "x86_64/cpu_block.hh"

namespace weft::x86 {

inline constexpr uint16_t k_kernel_code = 0x08;
inline constexpr uint16_t k_kernel_data = 0x10;
inline constexpr uint16_t k_task_state = 0x18;

// Stacks of a CPU's own, for exceptions that must work whatever the current stack looks like. The
// numbers are those of the IDT; 0 means the current stack.
enum class OwnStack : uint8_t { none = 0, double_fault = 1, nmi = 2, machine_check = 3 };

// Loads this CPU's tables; from here on GS leads to `block`, and exceptions are reported.
void load_descriptors(CpuBlock& block);
// That exception of that CPU runs on a stack that ends at `top`.
void set_own_stack(CpuBlock& block, OwnStack which, VirtAddr top);
// Lets double faults, NMIs and machine checks use the stacks set before. For all CPUs, once.
void use_own_stacks();

}  // namespace weft::x86
