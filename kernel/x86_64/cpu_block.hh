// What the machine keeps for each CPU. The GS register points to the CPU's own block, so that it is
// one instruction away. Assembly reads it at fixed offsets (offsets.hh).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/atomic.hh"
#include "core/base/types.hh"
#include "core/hal.hh"

namespace weft {

struct Registers;

namespace x86 {

// The task state segment. All that is left of it in 64-bit mode are stack pointers, and they are
// unaligned.
struct [[gnu::packed]] TaskState {
  uint32_t reserved_0 = 0;
  uint64_t stack_pointer[3] = {};
  uint64_t reserved_1 = 0;
  uint64_t interrupt_stack[7] = {};  // numbered from 1 where the IDT speaks of them
  uint64_t reserved_2 = 0;
  uint16_t reserved_3 = 0;
  uint16_t io_map_base = sizeof(TaskState);  // no port is open to user code
};
static_assert(sizeof(TaskState) == 104);

struct alignas(128) CpuBlock {
  // Written by this CPU only. No pointer stands at offset 0: a load of one through GS is for the
  // compiler a load of GS's own base (where thread-local storage is, it would be that), and it goes
  // on to use GS in place of the pointer.
  unsigned id = 0;
  Thread* current = nullptr;
  CpuBlock* self = nullptr;
  uint32_t apic_id = 0;
  Instant timer_deadline = k_never;      // what arm_timer() was asked for
  hal::UserState* user_state = nullptr;  // of the last user thread here
  uint64_t user_stack_pointer = 0;       // only while a system call changes stacks
  TaskState task_state;
  std::array<uint64_t, 8> descriptors{};  // the GDT (descriptors.cc)

  // Written by others.
  alignas(64) Atomic<bool> is_online{false};
  Atomic<bool> kick_is_coming{false};            // a kick was sent and has not arrived
  Atomic<uint64_t> loaded_root{0};               // the user's page table, or the kernel's (tlb.cc)
  Atomic<const Registers*> stopped_at{nullptr};  // where a panic elsewhere stopped it
};

static_assert(offsetof(CpuBlock, current) != 0);

extern std::array<CpuBlock, hal::k_max_cpus> cpu_blocks;

// One field of this CPU's block, in one instruction, without the block's address. The compiler
// knows what GS points to as the address space __seg_gs. (A macro, since a field's offset is no
// value that a function could take.)
#define WEFT_OWN_FIELD(field) \
  (*reinterpret_cast<decltype(CpuBlock::field) __seg_gs*>(offsetof(CpuBlock, field)))

// This CPU's block.
inline CpuBlock& own_cpu_block() { return *WEFT_OWN_FIELD(self); }

}  // namespace x86
}  // namespace weft
