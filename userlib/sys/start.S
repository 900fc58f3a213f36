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

        .section .note.GNU-stack, "", @progbits
