#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

// rdi flags, rsi stack, rdx parent's tid, rcx child's tid, r8 tls: only the fourth must move.
extern "C" [[gnu::naked]] long raw_clone_thread(uint64_t, void*, int*, int*, void*) {
  asm("mov %rcx, %r10\n\t"
      "mov $56, %eax\n\t"
      "syscall\n\t"
      "test %rax, %rax\n\t"
      "jz 1f\n\t"
      "ret\n"
      "1: xor %ebp, %ebp\n\t"
      "pop %rax\n\t"  // the entry
      "pop %rdi\n\t"  // its argument
      "call *%rax\n\t"
      "mov %eax, %edi\n\t"
      "mov $60, %eax\n\t"
      "syscall\n\t"
      "ud2");
}

}  // namespace

long clone_thread(uint64_t flags, void* stack_end, int (*entry)(void*), void* argument,
                  int* parent_tid, int* child_tid, void* tls) {
  // Two words are popped, so the stack is aligned to 16 at the call.
  auto* stack = static_cast<void**>(stack_end) - 2;
  stack[0] = reinterpret_cast<void*>(entry);
  stack[1] = argument;
  return raw_clone_thread(flags, stack, parent_tid, child_tid, tls);
}

}  // namespace weft::guest
