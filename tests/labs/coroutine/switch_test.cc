// Lab coroutine, part 3: weft_coro_switch() (userlib/coro/switch.S), by itself, without the runtime around it.
#include <array>

#include <gtest/gtest.h>

#include "userlib/coro/switch.hh"

namespace weft::coro {
namespace {

extern "C" void weft_coro_switch(Context& from, const Context& to);

// Puts marks into all registers that a called function has to keep, switches, and tells which are not as they
// were: a bit each, rbx rbp r12 r13 r14 r15; and 64 if the stack pointer isn't.
extern "C" int lab_switch_and_compare(Context& from, const Context& to);
// Where the other context begins: spoils all of these registers and switches back, again and again.
extern "C" void lab_spoil_registers();
extern "C" {
Context* lab_here;
Context* lab_there;
}

asm(R"(
        .text
        .globl  lab_switch_and_compare
lab_switch_and_compare:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        pushq   $0x7777
        movq    $0x1111, %rbx
        movq    $0x2222, %rbp
        movq    $0x3333, %r12
        movq    $0x4444, %r13
        movq    $0x5555, %r14
        movq    $0x6666, %r15
        call    weft_coro_switch
        xorl    %eax, %eax
        xorl    %ecx, %ecx
        cmpq    $0x1111, %rbx
        setne   %cl
        orl     %ecx, %eax
        cmpq    $0x2222, %rbp
        setne   %cl
        leal    (%rax,%rcx,2), %eax
        cmpq    $0x3333, %r12
        setne   %cl
        leal    (%rax,%rcx,4), %eax
        cmpq    $0x4444, %r13
        setne   %cl
        leal    (%rax,%rcx,8), %eax
        cmpq    $0x5555, %r14
        setne   %cl
        shll    $4, %ecx
        orl     %ecx, %eax
        xorl    %ecx, %ecx
        cmpq    $0x6666, %r15
        setne   %cl
        shll    $5, %ecx
        orl     %ecx, %eax
        xorl    %ecx, %ecx
        popq    %rdx
        cmpq    $0x7777, %rdx
        setne   %cl
        shll    $6, %ecx
        orl     %ecx, %eax
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        ret

        .globl  lab_spoil_registers
lab_spoil_registers:
        movq    $-1, %rbx
        movq    $-1, %rbp
        movq    $-1, %r12
        movq    $-1, %r13
        movq    $-1, %r14
        movq    $-1, %r15
        movq    lab_there(%rip), %rdi
        movq    lab_here(%rip), %rsi
        call    weft_coro_switch
        jmp     lab_spoil_registers
)");

// A context that begins with a function, which may not return.
struct Other {
  explicit Other(void (*begin)()) {
    context.stack_pointer = reinterpret_cast<uintptr_t>(stack.data() + stack.size()) - 8;
    context.resume_at.store(reinterpret_cast<uintptr_t>(begin), relaxed);
    lab_here = &here;
    lab_there = &context;
  }

  Context here;
  Context context;
  alignas(16) std::array<std::byte, 256 * 1024> stack{};
};

TEST(LabSwitch, KeepsTheRegistersThatACallKeeps) {
  static Other other(&lab_spoil_registers);
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(lab_switch_and_compare(other.here, other.context), 0);
  }
}

int counted = 0;

[[noreturn]] void count_for_ever() {
  for (int mine = 1;; ++mine) {  // lives on its own stack
    counted = mine;
    weft_coro_switch(*lab_there, *lab_here);
  }
}

TEST(LabSwitch, TwoTakeTurns) {
  static Other other(&count_for_ever);
  for (int turn = 1; turn <= 100; ++turn) {
    weft_coro_switch(other.here, other.context);
    EXPECT_EQ(counted, turn);
  }
}

// The first word of a context is written last: another CPU takes it for the sign that all is saved.
TEST(LabSwitch, LeavesAContextThatCanBeGoneOnWith) {
  static Other other(&lab_spoil_registers);
  ASSERT_EQ(lab_switch_and_compare(other.here, other.context), 0);
  EXPECT_NE(other.context.resume_at.load(relaxed),
            reinterpret_cast<uintptr_t>(&lab_spoil_registers));
  const auto first = reinterpret_cast<uintptr_t>(other.stack.data());
  EXPECT_GT(other.context.stack_pointer, first);
  EXPECT_LT(other.context.stack_pointer, first + other.stack.size());
  EXPECT_EQ(other.context.frame_pointer, ~uintptr_t{0});
}

}  // namespace
}  // namespace weft::coro
