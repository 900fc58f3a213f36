// Offsets and numbers that assembly needs. Each is compared with the C++ code in offsets.cc.
#pragma once

#define WEFT_CONTEXT_STACK_POINTER 0

#define WEFT_FRAME_RBP 40
#define WEFT_FRAME_RIP 136
#define WEFT_FRAME_SIZE 176

#define WEFT_FRAME_R15 0
#define WEFT_FRAME_R14 8
#define WEFT_FRAME_R13 16
#define WEFT_FRAME_R12 24
#define WEFT_FRAME_R11 56
#define WEFT_FRAME_R10 72
#define WEFT_FRAME_R9 80
#define WEFT_FRAME_R8 88
#define WEFT_FRAME_RDI 96
#define WEFT_FRAME_RSI 104
#define WEFT_FRAME_RDX 112
#define WEFT_FRAME_RCX 64
#define WEFT_FRAME_RBX 32
#define WEFT_FRAME_RAX 48
#define WEFT_FRAME_CS 144
#define WEFT_FRAME_RFLAGS 152
#define WEFT_FRAME_RSP 160

// In a signal frame, from the place of its return address on; and in hal::SignalFrame.
#define WEFT_SIGNAL_STACK 24
#define WEFT_SIGNAL_REGISTERS 48
#define WEFT_SIGNAL_BEHIND 192
#define WEFT_SIGNAL_FLOATING_POINT 232
#define WEFT_SIGNAL_MASK 304
#define WEFT_WORDS_STACK 24
#define WEFT_WORDS_FLOATING_POINT 88
#define WEFT_WORDS_MASK 96

#define WEFT_CPU_USER_STATE 40
#define WEFT_CPU_USER_STACK_POINTER 48
#define WEFT_CPU_KERNEL_STACK 60
#define WEFT_USER_WORK 0

#define WEFT_SYSTEM_CALLS 512

#define WEFT_USER_DATA 0x2b
#define WEFT_USER_CODE 0x33

#define WEFT_FIRST_INTERRUPT 32
