#include "labs/support/registers.hh"

extern "C" {
void* lab_here;
void* lab_there;
weft::labs::Switch lab_switch;
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
        call    *%rdx
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
        call    *lab_switch(%rip)
        jmp     lab_spoil_registers
)");
