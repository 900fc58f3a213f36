#include "explore/engine/fiber.hh"

#include <cstdlib>

namespace weft::explore {
namespace {

// Saves the callee-saved registers on the stack and the stack pointer in *save, takes the stack pointer
// `restore` and what was saved there. A new fiber finds itself as the first argument.
__attribute__((naked, noinline)) void swap_stacks(void** /*save*/, void* /*restore*/,
                                                  Fiber* /*to*/) {
  asm(R"(
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    movq %rdx, %rdi
    retq
  )");
}

[[noreturn]] void begin(Fiber* self) {
  self->entry(self->argument);
  std::abort();  // an entry never returns
}

}  // namespace

void init_fiber(Fiber& fiber, uintptr_t stack_top, void (*entry)(void*), void* argument) {
  fiber = {nullptr, stack_top, entry, argument};
  // As swap_stacks() leaves a stack: six registers (a frame pointer of 0 ends a backtrace), the
  // address to go on at, and for that code a return address of 0.
  auto* top = reinterpret_cast<uint64_t*>(stack_top);
  *--top = 0;
  *--top = reinterpret_cast<uint64_t>(&begin);
  for (int i = 0; i < 6; ++i) *--top = 0;
  fiber.stack_pointer = top;
}

void switch_fiber(Fiber& from, Fiber& to) {
  swap_stacks(&from.stack_pointer, to.stack_pointer, &to);
}

}  // namespace weft::explore
