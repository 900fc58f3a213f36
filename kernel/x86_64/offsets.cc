// Nothing to run: the compiler checks here that assembly and C++ agree.
#include "x86_64/offsets.hh"

#include <cstddef>

#include "core/base/registers.hh"
#include "core/hal.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/descriptors.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {

static_assert(offsetof(hal::Context, stack_pointer) == WEFT_CONTEXT_STACK_POINTER);
static_assert(offsetof(Registers, rbp) == WEFT_FRAME_RBP);
static_assert(offsetof(Registers, rip) == WEFT_FRAME_RIP);
static_assert(offsetof(Registers, r15) == WEFT_FRAME_R15);
static_assert(offsetof(Registers, r14) == WEFT_FRAME_R14);
static_assert(offsetof(Registers, r13) == WEFT_FRAME_R13);
static_assert(offsetof(Registers, r12) == WEFT_FRAME_R12);
static_assert(offsetof(Registers, r11) == WEFT_FRAME_R11);
static_assert(offsetof(Registers, r10) == WEFT_FRAME_R10);
static_assert(offsetof(Registers, r9) == WEFT_FRAME_R9);
static_assert(offsetof(Registers, r8) == WEFT_FRAME_R8);
static_assert(offsetof(Registers, rdi) == WEFT_FRAME_RDI);
static_assert(offsetof(Registers, rsi) == WEFT_FRAME_RSI);
static_assert(offsetof(Registers, rdx) == WEFT_FRAME_RDX);
static_assert(offsetof(Registers, rcx) == WEFT_FRAME_RCX);
static_assert(offsetof(Registers, rbx) == WEFT_FRAME_RBX);
static_assert(offsetof(Registers, rax) == WEFT_FRAME_RAX);
static_assert(offsetof(Registers, cs) == WEFT_FRAME_CS);
static_assert(offsetof(Registers, rflags) == WEFT_FRAME_RFLAGS);
static_assert(offsetof(Registers, rsp) == WEFT_FRAME_RSP);
static_assert(hal::SignalFrame::k_stack_place == WEFT_SIGNAL_STACK);
static_assert(hal::SignalFrame::k_registers_place == WEFT_SIGNAL_REGISTERS);
static_assert(hal::SignalFrame::k_segments_place == WEFT_SIGNAL_BEHIND);
static_assert(hal::SignalFrame::k_floating_point_place == WEFT_SIGNAL_FLOATING_POINT);
static_assert(hal::SignalFrame::k_mask_place == WEFT_SIGNAL_MASK);
static_assert(offsetof(hal::SignalFrame, stack) == WEFT_WORDS_STACK);
static_assert(offsetof(hal::SignalFrame, floating_point) == WEFT_WORDS_FLOATING_POINT);
static_assert(offsetof(hal::SignalFrame, mask) == WEFT_WORDS_MASK);
static_assert(offsetof(CpuBlock, user_state) == WEFT_CPU_USER_STATE);
static_assert(offsetof(CpuBlock, user_stack_pointer) == WEFT_CPU_USER_STACK_POINTER);
static_assert(offsetof(CpuBlock, task_state) + offsetof(TaskState, stack_pointer) ==
              WEFT_CPU_KERNEL_STACK);
static_assert(offsetof(hal::UserState, work) == WEFT_USER_WORK);
static_assert(upcall::k_system_calls == WEFT_SYSTEM_CALLS);
static_assert(k_user_data == WEFT_USER_DATA);
static_assert(k_user_code == WEFT_USER_CODE);
static_assert(sizeof(Registers) == WEFT_FRAME_SIZE);
static_assert(k_first_interrupt == WEFT_FIRST_INTERRUPT);

}  // namespace weft::x86
