# The first instructions of a program. The kernel leaves on the stack: argc, the arguments and a null,
# the environment and a null, the auxiliary vector. No function called this one, so an unwinder ends
# here.
        .text
        .globl  _start
        .type   _start, @function
_start:
        .cfi_startproc
        .cfi_undefined rip
        xorl    %ebp, %ebp              # the outermost frame
        movq    %rsp, %rdi              # where the kernel's gifts begin
        andq    $-16, %rsp              # as the ABI wants it before a call
        call    weft_start
        hlt                             # weft_start doesn't return
        .cfi_endproc
        .size   _start, . - _start

# Where a signal handler returns to. The kernel put this address on the handler's stack (SA_RESTORER);
# rt_sigreturn takes back everything that the signal interrupted. The unwinder knows this place by
# its bytes, and finds the registers in the frame.
        .globl  weft_signal_restorer
        .type   weft_signal_restorer, @function
        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_escape 0x0f, 0x04, 0x77, 0xa0, 0x01, 0x06   # rsp leads to a UserContext: CFA = *(rsp + 160)
        .cfi_escape 0x10, 0x10, 0x03, 0x77, 0xa8, 0x01   # rip at rsp + 168
        .cfi_escape 0x10, 0x06, 0x03, 0x77, 0xf8, 0x00   # rbp at rsp + 120
        .cfi_escape 0x10, 0x03, 0x03, 0x77, 0x80, 0x01   # rbx at rsp + 128
        .cfi_escape 0x10, 0x0c, 0x03, 0x77, 0xc8, 0x00   # r12 at rsp + 72
        .cfi_escape 0x10, 0x0d, 0x03, 0x77, 0xd0, 0x00   # r13 at rsp + 80
        .cfi_escape 0x10, 0x0e, 0x03, 0x77, 0xd8, 0x00   # r14 at rsp + 88
        .cfi_escape 0x10, 0x0f, 0x03, 0x77, 0xe0, 0x00   # r15 at rsp + 96
        nop                             # unwinders look up "return address - 1"
weft_signal_restorer:
        movl    $15, %eax               # rt_sigreturn
        syscall
        .cfi_endproc
        .size   weft_signal_restorer, . - weft_signal_restorer

# vfork: the child runs in the parent's memory, on the parent's stack, until it execs or exits; so the
# return address must not lie on that stack when the child returns first.
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
