// The context switch. All that a thread leaves behind is on its own stack:
//
//         the leaving thread's stack            the coming thread's stack
//         | ... its callers ...   |             | ... its callers ...   |
//         | return address        |             | return address        |
//         | rbp                   |             | rbp                   |
//         | rbx                   |             | rbx                   |
//         | r12                   |             | r12                   |
//         | r13                   |             | r13                   |
//         | r14                   |             | r14                   |
//         | r15                   | <- from     | r15                   | <- to
//
// The other registers need no saving: for the compiler this is a function call, which may change
// them. (MXCSR and the x87 control word, which the ABI also lets a callee keep, belong to user
// code; the kernel has no floating point.)
#include "x86_64/offsets.hh"

.section .text.switch, "ax"
.cfi_sections .debug_frame

// void hal::switch_context(Context& from, Context& to)
//                          rdi            rsi
.global switch_context
.type switch_context, @function
switch_context:
    .cfi_startproc
    // lab:switch begin 1
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset rbp, -16
    pushq %rbx
    .cfi_def_cfa_offset 24
    .cfi_offset rbx, -24
    pushq %r12
    .cfi_def_cfa_offset 32
    .cfi_offset r12, -32
    pushq %r13
    .cfi_def_cfa_offset 40
    .cfi_offset r13, -40
    pushq %r14
    .cfi_def_cfa_offset 48
    .cfi_offset r14, -48
    pushq %r15
    .cfi_def_cfa_offset 56
    .cfi_offset r15, -56

    movq %rsp, WEFT_CONTEXT_STACK_POINTER(%rdi)
    movq WEFT_CONTEXT_STACK_POINTER(%rsi), %rsp     // from here on: the coming thread

    popq %r15                       // the same layout, so the same rules hold on the new stack
    .cfi_def_cfa_offset 48
    .cfi_restore r15
    popq %r14
    .cfi_def_cfa_offset 40
    .cfi_restore r14
    popq %r13
    .cfi_def_cfa_offset 32
    .cfi_restore r13
    popq %r12
    .cfi_def_cfa_offset 24
    .cfi_restore r12
    popq %rbx
    .cfi_def_cfa_offset 16
    .cfi_restore rbx
    popq %rbp
    .cfi_def_cfa_offset 8
    .cfi_restore rbp
    ret
    // lab:switch stub: ud2                             // not implemented: lab switch, part 1
    // lab:switch end
    .cfi_endproc
.size switch_context, . - switch_context

// A new thread's first switch returns to thread_begin: context.cc made its stack look as if the
// instruction before it had called switch_context. rbx = its entry, r12 = the argument, rbp = 0.
.type thread_start, @function
thread_start:
    .cfi_startproc
    .cfi_undefined rip              // nobody called this: unwinding ends here
    nop                             // debuggers look for the call before the return address
.global thread_begin
thread_begin:
    // lab:switch begin 2
    movq %r12, %rdi
    call *%rbx
    ud2                             // an entry never returns
    // lab:switch stub: ud2                             // not implemented: lab switch, part 2
    // lab:switch end
    .cfi_endproc
.size thread_start, . - thread_start
