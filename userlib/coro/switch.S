# Where a coroutine's first run begins. Whoever switches to it leaves its control block's address in rcx
# (switch.hh), and the stack pointer at its frame. Nobody called this: an unwinder ends here. It isn't a
# call either: the CPU predicts returns by counting calls, and this one would never return.
        .text
        .globl  weft_coro_begin
        .type   weft_coro_begin, @function
weft_coro_begin:
        .cfi_startproc
        .cfi_undefined rip
        movq    %rcx, %rdi
        xorl    %ebp, %ebp
        leaq    1f(%rip), %rax
        pushq   %rax                    # where a called function finds its return address
        jmp     weft_coro_main
1:      hlt
        .cfi_endproc
        .size   weft_coro_begin, . - weft_coro_begin

# void weft_coro_switch(Context& from, const Context& to)
#
# switch_context() as an ordinary function: it keeps the registers that the ABI lets its caller count on.
# It returns by a jump. A "ret" would be predicted to go back to whoever called last, which was another
# coroutine, and that costs more than all the rest; a jump is predicted from where the program came. To
# another that stopped in this function there is no jump but that one.
        .globl  weft_coro_switch
        .globl  weft_coro_switched
        .type   weft_coro_switch, @function
weft_coro_switch:
        .cfi_startproc
        # lab:coroutine begin 3
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset r15, 0
        movq    %rsi, %rcx
        leaq    1f(%rip), %rdx
        movq    %rsp, 8(%rdi)
        movq    %rbp, 16(%rdi)
        movq    %rdx, (%rdi)
        .cfi_remember_state
        movq    8(%rcx), %rsp
        .cfi_def_cfa rsp, 0
        .cfi_escape 0x10, 0x10, 0x02, 0x72, 0x00        # rip is at rcx
        .cfi_escape 0x10, 0x06, 0x02, 0x72, 0x10        # rbp is at rcx + 16
        movq    16(%rcx), %rbp
        .cfi_same_value rbp
        cmpq    %rdx, (%rcx)
        jne     2f
        .cfi_restore_state
weft_coro_switched:                     # where who stops here goes on
1:      popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_restore r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_restore r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore rbx
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        .cfi_register rip, rdx
        jmpq    *%rdx
        .cfi_def_cfa rsp, 0
        .cfi_escape 0x10, 0x10, 0x02, 0x72, 0x00
        .cfi_same_value rbp
2:      jmpq    *(%rcx)                 # it stopped in switch_context()
        # lab:coroutine stub: ud2                             # not implemented: lab coroutine, part 3
        # lab:coroutine end
        .cfi_endproc
        .size   weft_coro_switch, . - weft_coro_switch

        .section .note.GNU-stack, "", @progbits
