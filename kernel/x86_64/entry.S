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

.macro PUSH_REGISTERS
    .irp register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
        PUSH \register
    .endr
.endm

.macro POP_REGISTERS
    .irp register, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
        POP \register
    .endr
.endm

// What is pushed has no meaning for a debugger.
.macro PUSH_VALUE value
    pushq \value
    .cfi_adjust_cfa_offset 8
.endm

// ---- Exceptions: the handler sees all registers, as a TrapFrame ---------------------------------

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
.cfi_sections .debug_frame
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
    movq %rsp, %rdi                 // the TrapFrame
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
// Puts the caller's registers into a TrapFrame, as if an exception had interrupted it. rax and rcx
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
