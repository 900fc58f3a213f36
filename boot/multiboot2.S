// The header and the entry for Multiboot2, the protocol of GRUB: from a disc image, under BIOS and
// under UEFI. GRUB looks for the header in the first 32 KiB of the file, and starts us at the ELF
// file's entry address:
//
//   32-bit protected mode, no paging, interrupts off, eax = magic, ebx = address of the tags
#include "x86_64/boot_layout.hh"

.set k_header_magic, 0xe85250d6
.set k_architecture_i386, 0         // "32-bit protected mode": also right for x86-64

.section .multiboot2, "a"
.balign 8
header:
    .long k_header_magic
    .long k_architecture_i386
    .long header_end - header
    .long -(k_header_magic + k_architecture_i386 + (header_end - header))

    .word 0                         // the tag that ends the list of tags
    .word 0
    .long 8
header_end:

.section .boot.text, "ax"
.code32
.global multiboot2_entry
multiboot2_entry:
    movl %eax, %edi                 // the magic, so that the kernel knows which protocol it was
    movl %ebx, %esi
    jmp start_boot_cpu
