# Where a signal handler returns to. The kernel put this address on the handler's stack (SA_RESTORER);
# rt_sigreturn takes back everything that the signal interrupted. The unwinder knows this place by
# its bytes, and finds the registers in the frame.
        .text
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

        .section .note.GNU-stack, "", @progbits
