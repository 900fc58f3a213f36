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

# Where one begins that runs at once (switch_to_beginning_at_once() in switch.hh): the worker in r12, its
# control block in rdi, the function's closure in rsi, and in rax the function that runs it, which returns
# here. The end is a function that takes its arguments in r12 and r13, and never returns.
        .globl  weft_coro_begin_at_once
        .type   weft_coro_begin_at_once, @function
weft_coro_begin_at_once:
        .cfi_startproc
        .cfi_undefined rip
        movq    %rdi, %r13
        xorl    %ebp, %ebp
        call    *%rax
        jmp     weft_coro_end_at_once
        .cfi_endproc
        .size   weft_coro_begin_at_once, . - weft_coro_begin_at_once

# The same among workers that share, where a parent may be taken by another worker: the function wants to know it
# (in rdx, as whoever left it has it) and the worker, and the end is another.
        .globl  weft_coro_begin_before_parent
        .type   weft_coro_begin_before_parent, @function
weft_coro_begin_before_parent:
        .cfi_startproc
        .cfi_undefined rip
        movq    %rdi, %r13
        movq    %r12, %rcx
        xorl    %ebp, %ebp
        call    *%rax
        jmp     weft_coro_end_before_parent
        .cfi_endproc
        .size   weft_coro_begin_before_parent, . - weft_coro_begin_before_parent

# Its end, when that isn't the short one: on the same stack, as if it had begun like all others.
        .globl  weft_coro_end_slowly
        .type   weft_coro_end_slowly, @function
weft_coro_end_slowly:
        .cfi_startproc
        .cfi_undefined rip
        movq    %r13, %rdi
        leaq    1f(%rip), %rax
        pushq   %rax
        jmp     weft_coro_end
1:      hlt
        .cfi_endproc
        .size   weft_coro_end_slowly, . - weft_coro_end_slowly

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

# The same for a caller that keeps what it needs itself, and jumps here (switch_by_jump() in switch.hh): `from`
# in rax, `to` in rcx, and in rdx where to go on.
#
# What goes into rsp is read before anything is written. Whoever switches to and fro writes and reads the
# same words all the time, with the same two instructions; a CPU that learns from this which load has to
# wait for which store would have each load wait for the store before it, for nothing.
        .globl  weft_coro_switch_bare
        .type   weft_coro_switch_bare, @function
weft_coro_switch_bare:
        .cfi_startproc simple
        .cfi_def_cfa rsp, 0
        .cfi_register rip, rdx
        cmpq    %rax, %rcx
        je      1f                      # to itself: what would be read is old
        movq    8(%rcx), %rsi
        movq    16(%rcx), %rdi
        movq    %rsp, 8(%rax)
        movq    %rbp, 16(%rax)
        movq    %rdx, (%rax)
        .cfi_remember_state
        movq    %rsi, %rsp
        .cfi_escape 0x10, 0x10, 0x02, 0x72, 0x00        # rip is at rcx
        .cfi_register rbp, rdi
        movq    %rdi, %rbp
        .cfi_same_value rbp
        jmpq    *(%rcx)
        .cfi_restore_state
1:      movq    %rdx, (%rax)
        jmpq    *%rdx
        .cfi_endproc
        .size   weft_coro_switch_bare, . - weft_coro_switch_bare

# Where a coroutine goes on whose time slice is over (time_slice.cc): as if it had been called wherever
# it was, past the red zone. It saves every register that there is, lets others run, and goes back.
#
#       interrupted rsp ->  ...
#                           red zone, 128 bytes
#                           interrupted rip          <- rsp here
#                           flags, 15 registers      <- rbp from then on
#                           what XSAVE writes        <- rsp from then on
        .globl  weft_coro_interrupted
        .type   weft_coro_interrupted, @function
weft_coro_interrupted:
        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_def_cfa rsp, 136
        .cfi_offset rip, -136
        pushfq
        .cfi_adjust_cfa_offset 8
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset rbp, 0
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
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        .cfi_adjust_cfa_offset 72
        movq    %rsp, %rbp
        .cfi_def_cfa_register rbp
        cld
        movq    weft_coro_xsave_size(%rip), %rcx
        testq   %rcx, %rcx
        jz      1f
        subq    %rcx, %rsp
        andq    $-64, %rsp
        xorl    %eax, %eax              # XSAVE leaves most of its header as it is; XRSTOR wants zeros
        movq    %rax, 512(%rsp)
        movq    %rax, 520(%rsp)
        movq    %rax, 528(%rsp)
        movq    %rax, 536(%rsp)
        movq    %rax, 544(%rsp)
        movq    %rax, 552(%rsp)
        movq    %rax, 560(%rsp)
        movq    %rax, 568(%rsp)
        movl    $-1, %eax
        movl    $-1, %edx
        xsave64 (%rsp)
        call    weft_coro_give_way
        movl    $-1, %eax
        movl    $-1, %edx
        xrstor64 (%rsp)
        jmp     2f
1:      subq    $512, %rsp
        andq    $-64, %rsp
        fxsave64 (%rsp)
        call    weft_coro_give_way
        fxrstor64 (%rsp)
2:      movq    %rbp, %rsp
        .cfi_def_cfa_register rsp
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rdx
        popq    %rcx
        popq    %rax
        .cfi_adjust_cfa_offset -72
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_same_value r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_same_value r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_same_value r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_same_value r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_same_value rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_same_value rbp
        popfq
        .cfi_adjust_cfa_offset -8
        ret     $128
        .cfi_endproc
        .size   weft_coro_interrupted, . - weft_coro_interrupted

        .section .note.GNU-stack, "", @progbits
