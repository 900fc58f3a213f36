// Where all CPUs but the first begin. An application processor (AP) is woken by an interrupt that
// names a page below 1 MiB, and starts there as every x86 CPU has since 1978: in 16-bit mode. The
// kernel copies the code between the two labels to that page (smp.cc).
//
//   16-bit, in the copied page  ->  32-bit, in .boot  ->  enter_long_mode  ->  start_ap, below
#include "x86_64/boot_layout.hh"

.section .rodata.trampoline, "a"
.code16
.global trampoline_start
.global trampoline_end
trampoline_start:
    cli
    movw %cs, %ax                   // data is where the code is
    movw %ax, %ds
    lgdtl trampoline_gdt_pointer - trampoline_start
    movl $0x11, %eax                // CR0: ET, PE: protected mode, caches on
    movl %eax, %cr0
    ljmpl $WEFT_BOOT_CODE32, $ap_protected_mode
.balign 4
trampoline_gdt_pointer:             // the boot GDT, in a form that is near enough to be read here
    .word 4 * 8 - 1
    .long boot_gdt
trampoline_end:

.section .boot.text, "ax"
.code32
ap_protected_mode:
    movl $WEFT_BOOT_DATA, %eax
    movl %eax, %ds
    movl $ap_64, %ebp
    jmp enter_long_mode

.code64
ap_64:
    movabsq $start_ap, %rax
    jmp *%rax

.section .text.start, "ax"
.code64
start_ap:
    .cfi_sections .debug_frame
    .cfi_startproc
    .cfi_undefined rip
    // The kernel's tables may have no-execute bits; without EFER.NXE those would be errors.
    movl $0xc0000080, %ecx
    movl ap_efer(%rip), %eax
    xorl %edx, %edx
    wrmsr
    movq ap_root_table(%rip), %rax
    movq %rax, %cr3

    // Whoever comes first takes the first stack (number 1: the boot CPU has one). Which CPU this
    // is, C++ finds out.
    movl $1, %eax
    lock xaddl %eax, ap_arrivals(%rip)
    leaq ap_stack_tops(%rip), %rdx
    movq (%rdx, %rax, 8), %rsp
    xorl %ebp, %ebp
    call start_ap_kernel            // smp.cc
    ud2
    .cfi_endproc
