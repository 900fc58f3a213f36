# vfork: the child runs in the parent's memory, on the parent's stack, until it execs or exits; so the
# return address must not lie on that stack when the child returns first.
        .text
        .globl  weft_vfork
        .type   weft_vfork, @function
weft_vfork:
        .cfi_startproc
        popq    %rdx
        .cfi_adjust_cfa_offset -8
        .cfi_register rip, rdx
        movl    $58, %eax               # vfork
        syscall
        pushq   %rdx
        .cfi_adjust_cfa_offset 8
        .cfi_restore rip
        ret
        .cfi_endproc
        .size   weft_vfork, . - weft_vfork

        .section .note.GNU-stack, "", @progbits
