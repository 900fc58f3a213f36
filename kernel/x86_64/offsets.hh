// Offsets and numbers that assembly needs. Each is compared with the C++ code in offsets.cc.
#pragma once

#define WEFT_CONTEXT_STACK_POINTER 0

#define WEFT_FRAME_RBP 64
#define WEFT_FRAME_RIP 136
#define WEFT_FRAME_SIZE 176

#define WEFT_FRAME_R10 40
#define WEFT_FRAME_R9 48
#define WEFT_FRAME_R8 56
#define WEFT_FRAME_RDI 72
#define WEFT_FRAME_RSI 80
#define WEFT_FRAME_RDX 88
#define WEFT_FRAME_RAX 112
#define WEFT_FRAME_CS 144
#define WEFT_FRAME_RFLAGS 152
#define WEFT_FRAME_RSP 160

#define WEFT_CPU_USER_STATE 40
#define WEFT_CPU_USER_STACK_POINTER 48
#define WEFT_CPU_KERNEL_STACK 60
#define WEFT_USER_WORK 0

#define WEFT_SYSTEM_CALLS 512

#define WEFT_USER_DATA 0x2b
#define WEFT_USER_CODE 0x33

#define WEFT_FIRST_INTERRUPT 32
