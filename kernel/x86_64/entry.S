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

// ---- Exceptions: the handler sees all registers, as a TrapFrame ----------------------------------

.macro EXCEPTION vector
exception_\vector:
    BEGIN_ENTRY 0
    pushq $0                        // in place of an error code
    .cfi_adjust_cfa_offset 8
    pushq $\vector
    .cfi_adjust_cfa_offset 8
    jmp exception_common
    .cfi_endproc
.endm

.macro EXCEPTION_WITH_CODE vector
exception_\vector:
    BEGIN_ENTRY 8
    pushq $\vector
    .cfi_adjust_cfa_offset 8
    jmp exception_common
    .cfi_endproc
.endm

.section .text.entry, "ax"
.cfi_sections .debug_frame
.altmacro
.set vector, 0
.rept 32
    .if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30
        EXCEPTION_WITH_CODE %vector
    .else
        EXCEPTION %vector
    .endif
    .set vector, vector + 1
.endr

.type exception_common, @function
exception_common:
    BEGIN_ENTRY 16
    PUSH rax
    PUSH rbx
    PUSH rcx
    PUSH rdx
    PUSH rsi
    PUSH rdi
    PUSH rbp
    PUSH r8
    PUSH r9
    PUSH r10
    PUSH r11
    PUSH r12
    PUSH r13
    PUSH r14
    PUSH r15
    cld
    movq %rsp, %rdi                 // the TrapFrame
    // A record for those who follow the frame pointers: this function was "called" by the
    // interrupted code.
    pushq WEFT_FRAME_RIP(%rdi)
    pushq %rbp
    movq %rsp, %rbp
    .cfi_def_cfa rbp, WEFT_FRAME_SIZE + 16
    call handle_exception           // exceptions.cc
    leaq 16(%rbp), %rsp
    .cfi_def_cfa rsp, WEFT_FRAME_SIZE
    POP r15
    POP r14
    POP r13
    POP r12
    POP r11
    POP r10
    POP r9
    POP r8
    POP rbp
    POP rdi
    POP rsi
    POP rdx
    POP rcx
    POP rbx
    POP rax
    addq $16, %rsp                  // vector and error code
    .cfi_adjust_cfa_offset -16
    iretq
    .cfi_endproc

// ---- Interrupts: only what a C++ function may overwrite is saved ---------------------------------
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
.set vector, 0
.rept 32
    ADDRESS_OF %vector
    .set vector, vector + 1
.endr

// ---- A panic's registers ------------------------------------------------------------------------

// [[noreturn]] void stop_here(const char* reason, size_t length)
// Puts the caller's registers into a TrapFrame, as if an exception had interrupted it.
.section .text.entry, "ax"
.global stop_here
.type stop_here, @function
stop_here:
    .cfi_startproc
    popq %rax                       // the caller's address
    movq %rsp, %rcx
    pushq $0                        // ss
    pushq %rcx                      // rsp
    pushfq
    pushq $0                        // cs
    pushq %rax                      // rip
    .cfi_def_cfa rsp, 40
    .cfi_offset rip, -40
    .cfi_offset rsp, -16
    pushq $0                        // error code
    pushq $0                        // vector
    pushq $0                        // rax, lost already
    pushq %rbx
    pushq $0                        // rcx, lost too
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    .cfi_adjust_cfa_offset WEFT_FRAME_SIZE - 40
    movq %rsp, %rdx                 // the third argument
    pushq WEFT_FRAME_RIP(%rdx)      // a record for those who follow the frame pointers
    pushq %rbp
    movq %rsp, %rbp
    .cfi_def_cfa rbp, WEFT_FRAME_SIZE + 16
    andq $-16, %rsp
    call stop_with_saved_registers  // panic.cc
    ud2
    .cfi_endproc
