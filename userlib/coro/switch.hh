// The switch itself: one coroutine's stack pointer out, another's in, and a jump. It is inline assembly
// that says it destroys every register, so the compiler saves just what is alive at that place; a
// called function would have to save all six that the ABI lets it assume.
//
// Tricky: nothing is pushed, since a leaf function's red zone may lie below the stack pointer; and the
// place to go on at is written last, since another CPU takes it as the sign that all is saved.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/atomic.hh"

namespace weft::coro {

// Where a coroutine that isn't running goes on.
struct Context {
  Atomic<uintptr_t> resume_at{0};
  uintptr_t stack_pointer = 0;
  uintptr_t frame_pointer = 0;
};
static_assert(offsetof(Context, stack_pointer) == 8 && offsetof(Context, frame_pointer) == 16,
              "the assembly below counts on it");

// With its unwinding information if the compiler writes any: while the new stack is in but the jump is
// still to come, the "caller" is the coroutine that goes on, as its context says. A debugger looks for the call
// before the place where a caller goes on: there is a nop, which nobody runs, with the rules of that place.
#ifdef __GCC_HAVE_DWARF2_CFI_ASM
#define WEFT_CFI(text) text "\n"
#else
#define WEFT_CFI(text)
#endif

// A register that the compiler may use only when it was told so must be named only then.
#ifdef __AVX512F__
#define WEFT_CLOBBERS_WIDE                                                                      \
  , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",   \
      "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", \
      "k7"
#else
#define WEFT_CLOBBERS_WIDE
#endif

// What an assembly text must name when it leaves no register as it was; the frame pointer it keeps.
#define WEFT_CLOBBERS "rdx", "rbx", "rsi", "rdi", "r12", WEFT_CLOBBERS_BUT_FOR_FIVE
#define WEFT_CLOBBERS_BUT_FOR_FIVE                                                                 \
  "r8", "r9", "r10", "r11", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",   \
      "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "mm0", \
      "mm1", "mm2", "mm3", "mm4", "mm5", "mm6", "mm7", "st", "st(1)", "st(2)", "st(3)", "st(4)",   \
      "st(5)", "st(6)", "st(7)", "cc", "memory" WEFT_CLOBBERS_WIDE

// Saves the running context in `from` and goes on with `to`. Returns when somebody switches to `from`,
// maybe on another kernel thread; at once if both are the same.
[[gnu::always_inline]] inline void switch_context(Context& from, const Context& to) {
  Context* out = &from;
  const Context* in = &to;
  asm volatile(
      "movq %%rsp, 8(%0)\n"
      "movq %%rbp, 16(%0)\n"
      "leaq 1f(%%rip), %%rdx\n"
      "movq %%rdx, (%0)\n"                                   //
      WEFT_CFI(".cfi_remember_state") "movq 8(%1), %%rsp\n"  //
      WEFT_CFI(".cfi_def_cfa %%rsp, 0")
          WEFT_CFI(".cfi_escape 0x10, 0x10, 0x02, 0x72, 0x00")  // rip is at rcx
      WEFT_CFI(".cfi_escape 0x10, 0x06, 0x02, 0x72, 0x10")      // rbp is at rcx + 16
      "movq 16(%1), %%rbp\n"                                    //
      WEFT_CFI(".cfi_same_value %%rbp") "jmpq *(%1)\n"          //
      WEFT_CFI(".cfi_restore_state") "nop\n1:\n"
      : "+a"(out), "+c"(in)
      :
      : WEFT_CLOBBERS);
}

// The same by a function, for who switches at so many places that the text above is too long for each. It is
// still the caller who saves what is alive; and who leaves the place to go on at in a register, and jumps, so
// that nothing goes over the stack. (One that is called as the ABI has it, which keeps five registers for its
// caller and has to fetch its return address from the other stack, takes six times as long: weft_coro_switch.)
[[gnu::always_inline]] inline void switch_by_jump(Context& from, const Context& to) {
  Context* out = &from;
  const Context* in = &to;
  asm volatile(
      "leaq 1f(%%rip), %%rdx\n"
      "jmp weft_coro_switch_bare\n"
      "1:\n"
      : "+a"(out), "+c"(in)
      :
      : WEFT_CLOBBERS);
}

// The same, to a coroutine that begins at once: run(beginner, closure, from), on a stack whose frame is in place,
// and then its end on that worker. A direct jump to where it begins (in switch.S): on a lone worker, or before its
// parent among workers that share.
// clang-format off
#define WEFT_SWITCH_TO_BEGINNING(begin)                                                      \
  asm volatile(                                                                              \
      "movq %%rsp, 8(%0)\n"                                                                  \
      "movq %%rbp, 16(%0)\n"                                                                 \
      "leaq 1f(%%rip), %%r8\n"                                                               \
      "movq %%r8, (%0)\n"                                                                    \
      WEFT_CFI(".cfi_remember_state")                                                        \
      "movq %1, %%rsp\n"                                                                     \
      WEFT_CFI(".cfi_def_cfa %%rsp, 0")                                                      \
      WEFT_CFI(".cfi_undefined %%rip")                                                       \
      "jmp " begin "\n"                                                                      \
      WEFT_CFI(".cfi_restore_state")                                                         \
      "nop\n1:\n"                                                                            \
      : "+d"(out), "+b"(frame), "+D"(beginner), "+S"(closure), "+a"(run), "=c"(back),        \
        "+r"(worker)                                                                         \
      :                                                                                      \
      : WEFT_CLOBBERS_BUT_FOR_FIVE)
// clang-format on

[[gnu::always_inline]] inline void switch_to_beginning_at_once(Context& from,
                                                               void* beginners_worker,
                                                               void* beginner, void* frame,
                                                               void* run, void* closure) {
  Context* out = &from;
  void* back;
  register void* worker asm("r12") = beginners_worker;
  WEFT_SWITCH_TO_BEGINNING("weft_coro_begin_at_once");
}

// The answer is `from` again, which whoever switches here has in that register.
[[gnu::always_inline]] inline Context& switch_to_beginning_before_parent(
    Context& from, void* beginners_worker, void* beginner, void* frame, void* run, void* closure) {
  Context* out = &from;
  void* back;
  register void* worker asm("r12") = beginners_worker;
  WEFT_SWITCH_TO_BEGINNING("weft_coro_begin_before_parent");
  return *static_cast<Context*>(back);
}

// The switch of one that is never switched to again: nothing is saved.
[[noreturn, gnu::always_inline]] inline void leave_for_context(const Context& to) {
  asm volatile(
      "movq 8(%0), %%rsp\n"  //
      WEFT_CFI(".cfi_def_cfa %%rsp, 0") WEFT_CFI(".cfi_escape 0x10, 0x10, 0x02, 0x72, 0x00")
          WEFT_CFI(".cfi_escape 0x10, 0x06, 0x02, 0x72, 0x10") "movq 16(%0), %%rbp\n"  //
      WEFT_CFI(".cfi_same_value %%rbp") "jmpq *(%0)\n" ::"c"(&to)
      : "memory");
  __builtin_unreachable();
}

}  // namespace weft::coro
