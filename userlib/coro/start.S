# Where a coroutine's first run begins. Whoever switches to it leaves its control block's address in rcx
# (switch.hh), and the stack pointer at its frame. Nobody called this: an unwinder ends here.
        .text
        .globl  weft_coro_begin
        .type   weft_coro_begin, @function
weft_coro_begin:
        .cfi_startproc
        .cfi_undefined rip
        movq    %rcx, %rdi
        xorl    %ebp, %ebp
        call    weft_coro_main          # (coroutine) doesn't return
        hlt
        .cfi_endproc
        .size   weft_coro_begin, . - weft_coro_begin

# [[noreturn]] void weft_coro_leave(const Context& to)
#
# A switch from a context that nobody comes back to: nothing is saved.
        .globl  weft_coro_leave
        .type   weft_coro_leave, @function
weft_coro_leave:
        .cfi_startproc
        movq    %rdi, %rcx
        movq    8(%rcx), %rsp
        .cfi_def_cfa rsp, 0
        .cfi_escape 0x10, 0x10, 0x02, 0x72, 0x00        # rip is at rcx
        .cfi_escape 0x10, 0x06, 0x02, 0x72, 0x10        # rbp is at rcx + 16
        movq    16(%rcx), %rbp
        .cfi_same_value rbp
        jmpq    *(%rcx)
        .cfi_endproc
        .size   weft_coro_leave, . - weft_coro_leave

        .section .note.GNU-stack, "", @progbits
