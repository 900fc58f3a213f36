// Where the CPU comes in: one short entry for each exception and each interrupt.
//
// What the CPU itself pushes (on the stack that was in use, or on one of the CPU's own for double
// fault, NMI and machine check), from high to low addresses:
//
//     ss, rsp, rflags, cs, rip  [, error code: some exceptions only]
//
// The CFI directives (.cfi_...) tell gdb at each instruction where the interrupted code's registers
// are, so that it can show a backtrace through every entry. In these functions the canonical frame
// address (CFA) is the address just behind `ss`.
#include "x86_64/offsets.hh"

// The start of an entry when the CPU has pushed its five words, and \extra bytes lie below them.
.macro BEGIN_ENTRY extra
    .cfi_startproc simple
    .cfi_signal_frame
    .cfi_def_cfa rsp, 40 + \extra
    .cfi_offset rip, -40
    .cfi_offset rsp, -16
.endm

.macro PUSH register
    pushq %\register
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset \register, 0
.endm

.macro POP register
    popq %\register
    .cfi_adjust_cfa_offset -8
    .cfi_restore \register
.endm

.macro PUSH_ARGUMENTS
    .irp register, rdx, rsi, rdi, r8, r9, r10
        PUSH \register
    .endr
.endm

.macro PUSH_REGISTERS
    PUSH_ARGUMENTS
    .irp register, rcx, r11, rax, rbp, rbx, r12, r13, r14, r15
        PUSH \register
    .endr
.endm

.macro POP_REGISTERS
    .irp register, r15, r14, r13, r12, rbx, rbp, rax, r11, rcx, r10, r9, r8, rdi, rsi, rdx
        POP \register
    .endr
.endm

// What is pushed has no meaning for a debugger.
.macro PUSH_VALUE value
    pushq \value
    .cfi_adjust_cfa_offset 8
.endm

// ---- Exceptions: the handler sees all registers, as a Registers ---------------------------------

.macro EXCEPTION vector
exception_\vector:
    BEGIN_ENTRY 0
    PUSH_VALUE $0                   // in place of an error code
    PUSH_VALUE $\vector
    jmp exception_common
    .cfi_endproc
.endm

.macro EXCEPTION_WITH_CODE vector
exception_\vector:
    BEGIN_ENTRY 8
    PUSH_VALUE $\vector
    jmp exception_common
    .cfi_endproc
.endm

.section .text.entry, "ax"
.cfi_sections .eh_frame             // .debug_frame has no room for "signal frame"
.altmacro                           // %vector is the number, not the word
.set k_with_error_code, 1 << 8 | 0x1f << 10 | 1 << 17 | 1 << 21 | 1 << 29 | 1 << 30
.set vector, 0
.rept 32
    .if k_with_error_code >> vector & 1
        EXCEPTION_WITH_CODE %vector
    .else
        EXCEPTION %vector
    .endif
    .set vector, vector + 1
.endr
.noaltmacro

.type exception_common, @function
exception_common:
    BEGIN_ENTRY 16
    PUSH_REGISTERS
    cld
    testb $3, WEFT_FRAME_CS(%rsp)
    jnz exception_from_user
    movq %rsp, %rdi                 // the Registers
    // A record for those who follow the frame pointers: this function was "called" by the
    // interrupted code.
    PUSH_VALUE WEFT_FRAME_RIP(%rdi)
    PUSH_VALUE %rbp
    movq %rsp, %rbp
    .cfi_def_cfa rbp, WEFT_FRAME_SIZE + 16
    call handle_exception           // exceptions.cc
    leaq 16(%rbp), %rsp
    .cfi_def_cfa rsp, WEFT_FRAME_SIZE
    POP_REGISTERS
    addq $16, %rsp                  // vector and error code
    .cfi_adjust_cfa_offset -16
    iretq
    .cfi_endproc

// ---- From user mode -----------------------------------------------------------------------------
//
// The entries push the program's Registers at the very top of its thread's kernel stack. GS changes
// hands: `swapgs` puts the CPU's block in, and the program's base back on the way out. What the kernel
// changed in the frame is what the program finds.

// The frame is complete and lies at the stack pointer; above it there is nothing.
.macro BEGIN_WITH_FRAME
    .cfi_startproc simple
    .cfi_signal_frame
    .cfi_def_cfa rsp, WEFT_FRAME_SIZE
    .cfi_offset rip, -40
    .cfi_offset rsp, -16
    .set offset, 0
    .irp register, r15, r14, r13, r12, rbx, rbp, rax, r11, rcx, r10, r9, r8, rdi, rsi, rdx
        .cfi_rel_offset \register, offset
        .set offset, offset + 8
    .endr
.endm

.type exception_from_user, @function
exception_from_user:
    BEGIN_WITH_FRAME
    swapgs
    xorl %ebp, %ebp                 // the chain of frame pointers ends here
    movq %rsp, %rdi
    call handle_user_exception      // exceptions.cc; comes back with interrupts off
    jmp return_to_user
    .cfi_endproc

// The entry of the vector has pushed the program's rbp and rax; eax is the vector.
.type interrupt_from_user, @function
interrupt_from_user:
    BEGIN_ENTRY 16
    .cfi_offset rbp, -48
    .cfi_offset rax, -56
    swapgs
    movq 8(%rsp), %rbp
    .cfi_restore rbp
    movq $0, 8(%rsp)                // in place of an error code
    xchgq %rax, (%rsp)              // the vector
    .cfi_restore rax
    PUSH_REGISTERS
    cld
    movl 15 * 8(%rsp), %edi         // the vector
    movl $1, %esi                   // from user mode
    xorl %ebp, %ebp
    call handle_interrupt           // interrupts.cc; may switch to other threads in between
    jmp return_to_user
    .cfi_endproc

// Interrupts are off.
.type return_to_user, @function
return_to_user:
    BEGIN_WITH_FRAME
    movq %gs:WEFT_CPU_USER_STATE, %rax
    cmpl $0, WEFT_USER_WORK(%rax)
    jne 1f
    .cfi_remember_state
    POP_REGISTERS
    addq $16, %rsp                  // vector and error code
    .cfi_adjust_cfa_offset -16
    swapgs
    iretq
    .cfi_restore_state
1:  movq %rsp, %rdi
    call handle_user_work           // user_mode.cc
    jmp return_to_user
    .cfi_endproc

// [[noreturn]] void leave_kernel(Registers& registers): the first way out of a thread.
.global leave_kernel
.type leave_kernel, @function
leave_kernel:
    .cfi_startproc
    movq %rdi, %rsp
    jmp return_to_user
    .cfi_endproc

// SYSCALL: rcx = the program's rip, r11 = its flags; the stack is still the program's, interrupts are
// off. The call's number is in rax, its arguments in rdi, rsi, rdx, r10, r8, r9.
//
// C++ keeps rbx, rbp and r12 to r15 as they were. So they are not saved, but when somebody is going to look at
// the whole frame: work on the way out, and the calls that go through whole_frame_call. Even rbp is the
// program's still: who follows the frame pointers stops where they leave the kernel.
.set k_not_saved, 9 * 8             // rcx, r11, rax, rbp, rbx, r12 to r15

// The last words of the frame. rcx and r11 become what SYSCALL has made of them.
.macro FILL_FRAME
    movq %rbx, WEFT_FRAME_RBX(%rsp)
    movq %rbp, WEFT_FRAME_RBP(%rsp)
    movq %r12, WEFT_FRAME_R12(%rsp)
    movq %r13, WEFT_FRAME_R13(%rsp)
    movq %r14, WEFT_FRAME_R14(%rsp)
    movq %r15, WEFT_FRAME_R15(%rsp)
    movq WEFT_FRAME_RIP(%rsp), %rcx
    movq %rcx, WEFT_FRAME_RCX(%rsp)
    movq WEFT_FRAME_RFLAGS(%rsp), %r11
    movq %r11, WEFT_FRAME_R11(%rsp)
.endm

// Between a system call's entry and its end.
.macro BEGIN_IN_CALL extra
    .cfi_startproc simple
    .cfi_signal_frame
    .cfi_def_cfa rsp, WEFT_FRAME_SIZE + \extra
    .cfi_offset rip, -40
    .cfi_offset rsp, -16
    .set offset, k_not_saved + \extra
    .irp register, r10, r9, r8, rdi, rsi, rdx
        .cfi_rel_offset \register, offset
        .set offset, offset + 8
    .endr
    .irp register, rbx, rbp, r12, r13, r14, r15
        .cfi_same_value \register
    .endr
.endm

.global system_call_entry
.type system_call_entry, @function
system_call_entry:
    .cfi_startproc simple
    .cfi_signal_frame
    .cfi_def_cfa rsp, 0
    .cfi_register rip, rcx
    .cfi_register rflags, r11
    swapgs
    movq %rsp, %gs:WEFT_CPU_USER_STACK_POINTER
    movq %gs:WEFT_CPU_KERNEL_STACK, %rsp
    .cfi_undefined rsp              // no word for "behind GS": tools/gdb knows where it is
    PUSH_VALUE $WEFT_USER_DATA
    PUSH_VALUE %gs:WEFT_CPU_USER_STACK_POINTER
    .cfi_rel_offset rsp, 0
    PUSH_VALUE %r11
    PUSH_VALUE $WEFT_USER_CODE
    PUSH_VALUE %rcx
    .cfi_rel_offset rip, 0
    PUSH_VALUE $0                   // in place of an error code
    movl %eax, %eax                 // the upper half counts for nothing
    PUSH_VALUE %rax                 // in place of a vector: the call's number
    PUSH_ARGUMENTS
    subq $k_not_saved, %rsp
    .cfi_adjust_cfa_offset k_not_saved
    sti
    cmpq $WEFT_SYSTEM_CALLS, %rax
    jae 2f
3:  movq %rsp, %rdi
    call *system_calls(, %rax, 8)
    cli
    movq %gs:WEFT_CPU_USER_STATE, %rcx
    cmpl $0, WEFT_USER_WORK(%rcx)
    jne 1f
    movq WEFT_FRAME_R10(%rsp), %r10 // rax is the answer
    movq WEFT_FRAME_R9(%rsp), %r9
    movq WEFT_FRAME_R8(%rsp), %r8
    movq WEFT_FRAME_RDI(%rsp), %rdi
    movq WEFT_FRAME_RSI(%rsp), %rsi
    movq WEFT_FRAME_RDX(%rsp), %rdx
    movq WEFT_FRAME_RIP(%rsp), %rcx
    movq WEFT_FRAME_RFLAGS(%rsp), %r11
    .cfi_remember_state
    movq WEFT_FRAME_RSP(%rsp), %rsp
    .cfi_def_cfa rsp, 0
    .irp register, rsp, rdx, rdi, rsi, r8, r9, r10
        .cfi_restore \register
    .endr
    .cfi_register rip, rcx
    swapgs
    sysretq
    .cfi_restore_state
1:  FILL_FRAME
    movq %rax, WEFT_FRAME_RAX(%rsp)
    jmp return_to_user
2:  movl $WEFT_SYSTEM_CALLS, %eax   // the table's last place answers for all these
    jmp 3b
    .cfi_endproc

// In the table for calls that copy or change all of the program's registers.
.global whole_frame_call
.type whole_frame_call, @function
whole_frame_call:
    BEGIN_IN_CALL 8
    addq $8, %rsp                   // it doesn't go back there
    .cfi_adjust_cfa_offset -8
    FILL_FRAME
    movq %rsp, %rdi
    call handle_whole_frame_call    // user_mode.cc
    cli
    movq %rax, WEFT_FRAME_RAX(%rsp)
    jmp return_to_user
    .cfi_endproc

// ---- Interrupts: only what a C++ function may overwrite is saved --------------------------------
//
// rbp comes first: together with the rip above it, it is a record of the chain of frame pointers.

.balign 16
.global interrupt_entries
interrupt_entries:                  // one every 16 bytes, from vector 32 on
.set vector, WEFT_FIRST_INTERRUPT
.rept 256 - WEFT_FIRST_INTERRUPT
    .balign 16
    BEGIN_ENTRY 0
    PUSH rbp
    movq %rsp, %rbp
    .cfi_def_cfa_register rbp
    pushq %rax
    .cfi_offset rax, -56
    movl $vector, %eax
    jmp interrupt_common
    .cfi_endproc
    .set vector, vector + 1
.endr

.type interrupt_common, @function
interrupt_common:
    BEGIN_ENTRY 8
    .cfi_def_cfa rbp, 48
    .cfi_offset rbp, -48
    .cfi_offset rax, -56
    testb $3, 24(%rsp)              // the interrupted code's cs
    jnz interrupt_from_user
    pushq %rcx
    .cfi_offset rcx, -64
    pushq %rdx
    .cfi_offset rdx, -72
    pushq %rsi
    .cfi_offset rsi, -80
    pushq %rdi
    .cfi_offset rdi, -88
    pushq %r8
    .cfi_offset r8, -96
    pushq %r9
    .cfi_offset r9, -104
    pushq %r10
    .cfi_offset r10, -112
    pushq %r11
    .cfi_offset r11, -120
    subq $8, %rsp                   // calls want a stack of a multiple of 16
    cld
    movl %eax, %edi
    xorl %esi, %esi                 // not from user mode
    call handle_interrupt           // interrupts.cc; may switch to other threads in between
    addq $8, %rsp
    popq %r11
    .cfi_restore r11
    popq %r10
    .cfi_restore r10
    popq %r9
    .cfi_restore r9
    popq %r8
    .cfi_restore r8
    popq %rdi
    .cfi_restore rdi
    popq %rsi
    .cfi_restore rsi
    popq %rdx
    .cfi_restore rdx
    popq %rcx
    .cfi_restore rcx
    popq %rax
    .cfi_restore rax
    popq %rbp
    .cfi_def_cfa rsp, 40
    .cfi_restore rbp
    iretq
    .cfi_endproc

// The addresses of the exceptions' entries, for the IDT.
.section .rodata.entry, "a"
.balign 8
.global exception_entries
exception_entries:
.macro ADDRESS_OF vector
    .quad exception_\vector
.endm
.altmacro                           // %vector is the number, not the word
.set vector, 0
.rept 32
    ADDRESS_OF %vector
    .set vector, vector + 1
.endr
.noaltmacro

// ---- A panic's registers ------------------------------------------------------------------------

// [[noreturn]] void stop_here(const char* reason, size_t length)
// Puts the caller's registers into a Registers, as if an exception had interrupted it. rax and rcx
// are lost; a function that is called may change them anyway.
.section .text.entry, "ax"
.global stop_here
.type stop_here, @function
stop_here:
    .cfi_startproc
    movq (%rsp), %rax               // the caller's address
    leaq 8(%rsp), %rcx              // and its stack pointer
    PUSH_VALUE $0                   // ss
    PUSH_VALUE %rcx
    pushfq
    .cfi_adjust_cfa_offset 8
    PUSH_VALUE $0                   // cs
    PUSH_VALUE %rax
    PUSH_VALUE $0                   // error code
    PUSH_VALUE $0                   // vector
    PUSH_REGISTERS
    movq %rsp, %rdx                 // the third argument
    PUSH_VALUE %rax                 // a record for those who follow the frame pointers
    PUSH_VALUE %rbp
    movq %rsp, %rbp
    .cfi_def_cfa rbp, WEFT_FRAME_SIZE + 16 + 8
    andq $-16, %rsp
    call stop_with_saved_registers  // panic.cc
    ud2
    .cfi_endproc
