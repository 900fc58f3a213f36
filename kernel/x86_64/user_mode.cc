#include "x86_64/user_mode.hh"

#include <cstring>

#include "core/base/assert.hh"
#include "core/base/registers.hh"
#include "core/hal.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/descriptors.hh"
#include "x86_64/features.hh"
#include "x86_64/registers.hh"

extern "C" void system_call_entry();
extern "C" [[noreturn]] void leave_kernel(weft::Registers& registers);

namespace weft {
namespace x86 {
namespace {

// Flags that are off in the kernel: trap, interrupts, direction, I/O level, nested task, alignment
// checks (which is also what opens user memory to the kernel).
constexpr uint64_t k_flags_off = 0x100 | 0x200 | 0x400 | 0x3000 | 0x4000 | 0x40000;

// x87, SSE and AVX: what UserState has room for, and programs see.
constexpr uint32_t k_most_components = 7;
constexpr uint32_t k_always_there = 3;
constinit uint32_t components = 0;
constinit uint32_t state_size = 512;

// The layout that FXSAVE and XSAVE share.
constexpr size_t k_control_word = 0;
constexpr size_t k_simd_control = 24;
constexpr size_t k_header = 512;  // of XSAVE alone
constexpr size_t k_header_size = 64;
constexpr uint16_t k_start_control_word = 0x37f;
constexpr uint32_t k_start_simd_control = 0x1f80;

void save_floating_point(std::byte* area) {
  if (components != 0) {
    asm volatile("xsave64 (%0)" ::"r"(area), "a"(components), "d"(0) : "memory");
  } else {
    asm volatile("fxsave64 (%0)" ::"r"(area) : "memory");
  }
}

void load_floating_point(const std::byte* area) {
  if (components != 0) {
    asm volatile("xrstor64 (%0)" ::"r"(area), "a"(components), "d"(0) : "memory");
  } else {
    asm volatile("fxrstor64 (%0)" ::"r"(area) : "memory");
  }
}

// Both in one go: nearly every switch does it.
void swap_floating_point(std::byte* from, const std::byte* to) {
  if (components != 0) {
    save_floating_point(from);
    load_floating_point(to);
  } else {
    asm volatile("fxsave64 (%0)\n\tfxrstor64 (%1)" ::"r"(from), "r"(to) : "memory");
  }
}

void start_floating_point() {
  write_cr0((read_cr0() & ~(k_cr0_emulate_fpu | k_cr0_task_switched)) | k_cr0_monitor_fpu |
            k_cr0_native_fpu_errors);
  write_cr4(read_cr4() | k_cr4_fxsave | k_cr4_simd_errors);
  if (!features.xsave) return;
  write_cr4(read_cr4() | k_cr4_xsave);
  const uint32_t wanted = (cpuid(0xd).eax & k_most_components) | k_always_there;
  asm volatile("xsetbv" ::"c"(0), "a"(wanted), "d"(0));
  ASSERT(cpuid(0xd).ebx <= sizeof(hal::UserState::floating_point),
         "a thread's record has room for the floating-point state");
  components = wanted;
  state_size = cpuid(0xd).ebx;
}

}  // namespace

uint32_t floating_point_components() { return components; }
uint32_t floating_point_size() { return state_size; }

void start_user_mode() {
  start_floating_point();
  write_msr(Msr::efer, read_msr(Msr::efer) | k_efer_system_call);
  write_msr(Msr::star, uint64_t{k_user_base} << 48 | uint64_t{k_kernel_code} << 32);
  write_msr(Msr::lstar, reinterpret_cast<uint64_t>(&system_call_entry));
  write_msr(Msr::sfmask, k_flags_off);
}

}  // namespace x86

namespace hal {
namespace {

// The entries from user mode find the thread from now on.
void take_over(x86::CpuBlock& block, UserState& state) {
  block.task_state.stack_pointer[0] = reinterpret_cast<uint64_t>(state.stack_top);
  block.user_state = &state;
}

// From or to a kernel thread, which has no state of its own.
[[gnu::noinline]] void switch_one_side(UserState* from, UserState* to) {
  if (from != nullptr) return x86::save_floating_point(from->floating_point);
  load_root(to->root);
  x86::load_floating_point(to->floating_point);
  x86::write_msr(x86::Msr::fs_base, to->fs_base);
  x86::write_msr(x86::Msr::other_gs_base, to->gs_base);
  take_over(x86::own_cpu_block(), *to);
}

}  // namespace

void reset_user_state(UserState& state) {
  std::byte* const area = state.floating_point;
  memset(area, 0, sizeof state.floating_point);
  memcpy(area + x86::k_control_word, &x86::k_start_control_word, sizeof(uint16_t));
  memcpy(area + x86::k_simd_control, &x86::k_start_simd_control, sizeof(uint32_t));
  state.fs_base = 0;
  state.gs_base = 0;
  // The running thread's state is in the CPU.
  const bool were_on = irq_save();
  if (x86::own_cpu_block().user_state == &state) {
    x86::load_floating_point(area);
    x86::write_msr(x86::Msr::fs_base, 0);
    x86::write_msr(x86::Msr::other_gs_base, 0);
  }
  irq_restore(were_on);
}

void copy_user_state(UserState& child) {
  const bool were_on = irq_save();
  const UserState& self = *x86::own_cpu_block().user_state;
  // XSAVE writes only a part of its header, and the CPU loads none with anything else in it.
  memset(child.floating_point + x86::k_header, 0, x86::k_header_size);
  x86::save_floating_point(child.floating_point);
  child.fs_base = self.fs_base;
  child.gs_base = self.gs_base;
  irq_restore(were_on);
}

void switch_user(UserState* from, UserState* to) {
  if (from == nullptr) [[unlikely]]
    return switch_one_side(from, to);
  if (to == nullptr) [[unlikely]]
    return switch_one_side(from, to);
  x86::CpuBlock& block = x86::own_cpu_block();
  x86::swap_floating_point(from->floating_point, to->floating_point);
  load_root(to->root);
  // Threads that have the same are common: children that have just been forked, programs without any.
  if (from->fs_base != to->fs_base) x86::write_msr(x86::Msr::fs_base, to->fs_base);
  if (from->gs_base != to->gs_base) x86::write_msr(x86::Msr::other_gs_base, to->gs_base);
  take_over(block, *to);
}

void set_fs_base(uint64_t base) {
  const bool were_on = irq_save();
  x86::own_cpu_block().user_state->fs_base = base;
  x86::write_msr(x86::Msr::fs_base, base);
  irq_restore(were_on);
}

void set_gs_base(uint64_t base) {
  const bool were_on = irq_save();
  x86::own_cpu_block().user_state->gs_base = base;
  x86::write_msr(x86::Msr::other_gs_base, base);
  irq_restore(were_on);
}

uint64_t fs_base() { return x86::read_msr(x86::Msr::fs_base); }
uint64_t gs_base() { return x86::read_msr(x86::Msr::other_gs_base); }

void init_registers(Registers& registers, VirtAddr entry, VirtAddr stack) {
  registers = {};
  registers.rip = entry;
  registers.rsp = stack;
  registers.cs = x86::k_user_code;
  registers.ss = x86::k_user_data;
  registers.rflags = x86::k_rflags_interrupts;
}

void make_user_registers(Registers& registers) {
  // Carry, parity, adjust, zero, sign, trap, direction, overflow, resume, alignment check.
  constexpr uint64_t k_programs_flags =
      0x1 | 0x4 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 0x800 | 0x10000 | 0x40000;
  registers.cs = x86::k_user_code;
  registers.ss = x86::k_user_data;
  registers.rflags = (registers.rflags & k_programs_flags) | x86::k_rflags_interrupts;
}

void enter_user(Registers& registers) {
  irq_save();
  leave_kernel(registers);
}

}  // namespace hal
}  // namespace weft

// From entry.S.
extern "C" uint64_t handle_whole_frame_call(weft::Registers& registers) {
  return weft::upcall::run_whole_call(registers);
}
extern "C" void handle_user_work(weft::Registers& registers) {
  weft::upcall::before_user_mode(registers);
}
