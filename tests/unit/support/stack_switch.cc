#include "unit/support/stack_switch.hh"

namespace weft::host {

__attribute__((naked, noinline)) void* switch_stack(void** /*save*/, void* /*restore*/,
                                                    void* /*passed*/) {
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
    movq %rdx, %rax
    movq %rdx, %rdi
    retq
  )");
}

// Six registers (a frame pointer of 0 ends a backtrace), the address to go on at, and for that code a
// return address of 0.
void* prepare_stack(uintptr_t top, void (*begin)(void* passed)) {
  auto* place = reinterpret_cast<uint64_t*>(top);
  *--place = 0;
  *--place = reinterpret_cast<uint64_t>(begin);
  for (int i = 0; i < 6; ++i) *--place = 0;
  return place;
}

}  // namespace weft::host
