// The entry for PVH, the protocol of `qemu-system-x86_64 -kernel`. QEMU looks for an ELF note of
// type 18 from "Xen"; its content is the address at which to start. It then jumps there:
//
//   32-bit protected mode, no paging, interrupts off, ebx = address of struct hvm_start_info
#include "x86_64/boot_layout.hh"

.section .note.pvh, "a", @note
.balign 4
    .long name_end - name           // length of the name
    .long 8                         // length of the content
    .long 18                        // XEN_ELFNOTE_PHYS32_ENTRY
name:
    .asciz "Xen"
name_end:
.balign 4
    .quad pvh_entry

.section .boot.text, "ax"
.code32
.global pvh_entry
pvh_entry:
    xorl %edi, %edi                 // not Multiboot2's magic: the kernel will look for PVH's
    movl %ebx, %esi
    jmp start_boot_cpu
