#include "x86_64/descriptors.hh"

#include "core/base/assert.hh"
#include "x86_64/registers.hh"
#include "x86_64/vectors.hh"

extern "C" const uintptr_t exception_entries[32];
extern "C" const char interrupt_entries[];

namespace weft::x86 {
namespace {

// An entry of the IDT: an address in three pieces, the code segment, a stack, a kind.
struct Gate {
  uint16_t address_low = 0;
  uint16_t code_segment = 0;
  uint8_t own_stack = 0;
  uint8_t kind = 0;
  uint16_t address_middle = 0;
  uint32_t address_high = 0;
  uint32_t reserved = 0;
};
static_assert(sizeof(Gate) == 16);

constexpr uint8_t k_interrupt_gate = 0x8e;  // present, interrupts off on entry
constexpr uint8_t k_for_programs = 0x60;    // the instruction of this vector is theirs, too
constexpr size_t k_entry_size = 16;         // of interrupt_entries

constinit Gate gates[256];
constinit bool are_gates_filled = false;

// What lgdt and lidt read.
struct [[gnu::packed]] TablePointer {
  uint16_t last_byte;
  const void* table;
};

void fill_gate(unsigned vector, uintptr_t entry) {
  gates[vector] = {
      .address_low = static_cast<uint16_t>(entry),
      .code_segment = k_kernel_code,
      .kind = k_interrupt_gate,
      .address_middle = static_cast<uint16_t>(entry >> 16),
      .address_high = static_cast<uint32_t>(entry >> 32),
  };
}

void fill_gates() {
  for (unsigned vector = 0; vector < k_first_interrupt; ++vector) {
    fill_gate(vector, exception_entries[vector]);
  }
  gates[static_cast<unsigned>(Exception::breakpoint)].kind |= k_for_programs;  // int3
  gates[static_cast<unsigned>(Exception::overflow)].kind |= k_for_programs;    // int $4
  const auto first = reinterpret_cast<uintptr_t>(interrupt_entries);
  for (unsigned vector = k_first_interrupt; vector < 256; ++vector) {
    fill_gate(vector, first + (vector - k_first_interrupt) * k_entry_size);
  }
  are_gates_filled = true;
}

void fill_segments(CpuBlock& block) {
  const auto base = reinterpret_cast<uint64_t>(&block.task_state);
  const uint64_t limit = sizeof(TaskState) - 1;
  block.descriptors = {};
  block.descriptors[k_kernel_code / 8] = 0x00af9b000000ffff;
  block.descriptors[k_kernel_data / 8] = 0x00cf93000000ffff;
  block.descriptors[k_user_data / 8] = 0x00cff3000000ffff;
  block.descriptors[k_user_code / 8] = 0x00affb000000ffff;
  block.descriptors[k_task_state / 8] =
      limit | (base & 0xffffff) << 16 | uint64_t{0x89} << 40 | (base >> 24 & 0xff) << 56;
  block.descriptors[k_task_state / 8 + 1] = base >> 32;
}

}  // namespace

void load_descriptors(CpuBlock& block) {
  if (!are_gates_filled) fill_gates();  // the boot CPU, alone
  fill_segments(block);
  const TablePointer segments{sizeof block.descriptors - 1, block.descriptors.data()};
  const TablePointer interrupts{sizeof gates - 1, gates};
  asm volatile(
      "lgdt %0\n"
      "pushq %2\n"  // a far return is the way to load CS
      "leaq 1f(%%rip), %%rax\n"
      "pushq %%rax\n"
      "lretq\n"
      "1: movl %3, %%ss\n"
      "movl %3, %%ds\n"
      "movl %3, %%es\n"
      "movl %4, %%fs\n"
      "movl %4, %%gs\n"
      "lidt %1\n"
      "ltr %w5\n" ::"m"(segments),
      "m"(interrupts), "i"(k_kernel_code), "r"(uint32_t{k_kernel_data}), "r"(0),
      "r"(uint32_t{k_task_state})
      : "rax", "memory");
  block.self = &block;
  write_msr(Msr::gs_base, reinterpret_cast<uint64_t>(&block));
}

void set_own_stack(CpuBlock& block, OwnStack which, VirtAddr top) {
  ASSERT(which != OwnStack::none, "there are three stacks to set");
  block.task_state.interrupt_stack[static_cast<unsigned>(which) - 1] = top;
}

void use_own_stacks() {
  const auto use = [](Exception exception, OwnStack stack) {
    gates[static_cast<unsigned>(exception)].own_stack = static_cast<uint8_t>(stack);
  };
  use(Exception::double_fault, OwnStack::double_fault);
  use(Exception::nmi, OwnStack::nmi);
  use(Exception::machine_check, OwnStack::machine_check);
}

}  // namespace weft::x86
