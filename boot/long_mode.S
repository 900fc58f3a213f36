// From 32-bit mode without paging to 64-bit mode in the higher half. The boot CPU comes here from
// pvh.S or multiboot2.S, all others from ap_trampoline.S.
//
// 64-bit mode needs page tables. These, made here and used until the kernel has better ones, show
// the same memory three times, in 2 MiB pages:
//
//      address                      leads to
//      0                  + 4 GiB   0 .. 4 GiB   this code runs here
//      0xffff800000000000 + 4 GiB   0 .. 4 GiB   the direct map's beginning: what the loader left
//      0xffffffff80000000 + 1 GiB   0 .. 1 GiB   the kernel image
#include "x86_64/boot_layout.hh"

.set k_present, 1
.set k_writable, 2
.set k_large, 0x80                  // in a page directory: this entry is a page of 2 MiB
.set k_serial, 0x3f8
.set k_debug_exit, 0xf4

.section .boot.text, "ax"
.code32

// edi = the loader's magic, esi = address of what it left for us; both stay as they are.
.global start_boot_cpu
start_boot_cpu:
    cli
    cld
    movl $0x80000000, %eax          // does this CPU know 64-bit mode at all?
    cpuid
    cmpl $0x80000001, %eax
    jb no_long_mode
    movl $0x80000001, %eax
    cpuid
    testl $1 << 29, %edx
    jz no_long_mode

    // Four page directories, one for each of the first 4 GiB: 2,048 pages of 2 MiB.
    xorl %ecx, %ecx
    movl $k_present | k_writable | k_large, %eax
1:  movl %eax, boot_directories(, %ecx, 8)
    addl $0x200000, %eax
    incl %ecx
    cmpl $2048, %ecx
    jne 1b

    movl $boot_directories + k_present + k_writable, %eax
    movl %eax, boot_low_table + 0 * 8
    movl %eax, boot_high_table + 510 * 8        // 0xffffffff80000000 is in the 510th GiB of 512
    addl $0x1000, %eax
    movl %eax, boot_low_table + 1 * 8
    addl $0x1000, %eax
    movl %eax, boot_low_table + 2 * 8
    addl $0x1000, %eax
    movl %eax, boot_low_table + 3 * 8
    movl $boot_low_table + k_present + k_writable, boot_root_table + 0 * 8
    movl $boot_low_table + k_present + k_writable, boot_root_table + 256 * 8
    movl $boot_high_table + k_present + k_writable, boot_root_table + 511 * 8

    movl $boot_cpu_64, %ebp

// ebp = where to go in 64-bit mode.
.global enter_long_mode
enter_long_mode:
    movl $1 << 5, %eax              // CR4.PAE: page table entries of 64 bits
    movl %eax, %cr4
    movl $boot_root_table, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx          // EFER
    rdmsr
    orl $1 << 8, %eax               // EFER.LME: 64-bit mode, as soon as there is paging
    wrmsr
    movl $0x80010033, %eax          // CR0: PG, WP, NE, ET, MP, PE; caches on
    movl %eax, %cr0
    lgdt boot_gdt_pointer
    ljmpl $WEFT_BOOT_CODE64, $1f

.code64
1:  movl $WEFT_BOOT_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    jmp *%rbp

boot_cpu_64:
    movabsq $start_higher_half, %rax
    jmp *%rax

.code32
// No paging, no stack, no kernel: all that is left is to say why, on the serial port, and to end.
no_long_mode:
    movl $no_long_mode_text, %esi
    movw $k_serial, %dx
1:  lodsb
    testb %al, %al
    jz 2f
    outb %al, %dx
    jmp 1b
2:  movb $0x21, %al                 // power off with status 1 (kernel/dev/power.cc)
    movw $k_debug_exit, %dx
    outb %al, %dx
3:  hlt
    jmp 3b

.section .boot.rodata, "a"
no_long_mode_text:
    .asciz "weft: cannot start: this CPU has no 64-bit mode (long mode), and this is a 64-bit kernel\n"

.balign 8
.global boot_gdt
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff        // 0x08: 64-bit code
    .quad 0x00cf93000000ffff        // 0x10: data
    .quad 0x00cf9b000000ffff        // 0x18: 32-bit code, for CPUs that come from 16-bit mode
boot_gdt_end:
boot_gdt_pointer:
    .word boot_gdt_end - boot_gdt - 1
    .long boot_gdt

.section .boot.bss, "aw", @nobits
.balign 4096
boot_root_table:    .skip 4096
boot_low_table:     .skip 4096
boot_high_table:    .skip 4096
boot_directories:   .skip 4 * 4096

// ---- The first instructions of the kernel itself, at its own addresses --------------------------

.section .text.start, "ax"
.code64
start_higher_half:
    .cfi_sections .debug_frame
    .cfi_startproc
    .cfi_undefined rip              // nobody called this: unwinding ends here
    leaq boot_stack_top(%rip), %rsp
    xorl %ebp, %ebp                 // and so does the chain of frame pointers
    call start_kernel               // start.cc; edi and esi are its arguments
    ud2
    .cfi_endproc

// The page below the stack has no mapping in the kernel's page tables (paging.cc).
.section .bss.stack, "aw", @nobits
.balign 4096
.global boot_stack_guard
boot_stack_guard:   .skip 4096
boot_stack:         .skip WEFT_BOOT_STACK_SIZE
.global boot_stack_top
boot_stack_top:
