// Numbers that the assembly files, the linker script's symbols and the C++ code agree on. Only
// #defines, so that an assembler can read it, too.
#pragma once

// The kernel image's distance from where it lies in memory to where it runs: the last 2 GiB.
#define WEFT_IMAGE_OFFSET 0xffffffff80000000

// The page below 1 MiB in which an application processor wakes up, in 16-bit mode.
#define WEFT_TRAMPOLINE 0x8000

// The boot CPU's stack, which its idle thread keeps.
#define WEFT_BOOT_STACK_SIZE 16384

// What is in eax when a Multiboot2 loader starts us.
#define WEFT_MULTIBOOT2_MAGIC 0x36d76289

// Selectors of the boot GDT (long_mode.S). The kernel's own GDTs keep the last two numbers.
#define WEFT_BOOT_CODE32 0x18
#define WEFT_BOOT_CODE64 0x08
#define WEFT_BOOT_DATA 0x10
