# int64_t weft_clone(flags, stack_top, parent_tid, child_tid, tls, entry, argument)
#
# Starts a thread that runs entry(argument) on its own stack and then ends, alone. The parent gets the
# thread's number or a negative errno. Both come back from the same system call; only the child has a
# stack on which nobody has called anything yet.
        .text
        .globl  weft_clone
        .type   weft_clone, @function
weft_clone:
        .cfi_startproc
        movq    8(%rsp), %rax           # argument, the seventh
        andq    $-16, %rsi
        subq    $16, %rsi               # put by for the child: where to go, and with what
        movq    %r9, (%rsi)
        movq    %rax, 8(%rsi)
        movq    %rcx, %r10              # the kernel's fourth argument
        movl    $56, %eax               # clone
        syscall
        testq   %rax, %rax
        jz      1f
        ret
        .cfi_endproc

        .cfi_startproc
        .cfi_undefined rip              # the child's first frame
1:      xorl    %ebp, %ebp
        popq    %rax
        popq    %rdi
        call    *%rax
        xorl    %edi, %edi
        movl    $60, %eax               # exit: this thread only
        syscall
        hlt
        .cfi_endproc
        .size   weft_clone, . - weft_clone

# [[noreturn]] void weft_unmap_and_exit(base, size)
#
# The end of a thread that nobody joins: it takes away the stack it stands on, and so may not touch it
# any more.
        .globl  weft_unmap_and_exit
        .type   weft_unmap_and_exit, @function
weft_unmap_and_exit:
        .cfi_startproc
        .cfi_undefined rip
        movl    $11, %eax               # munmap
        syscall
        xorl    %edi, %edi
        movl    $60, %eax               # exit
        syscall
        hlt
        .cfi_endproc
        .size   weft_unmap_and_exit, . - weft_unmap_and_exit

        .section .note.GNU-stack, "", @progbits
