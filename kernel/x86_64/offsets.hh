// Offsets and numbers that assembly needs. Each is compared with the C++ code in offsets.cc.
#pragma once

#define WEFT_CONTEXT_STACK_POINTER 0

#define WEFT_FRAME_RBP 64
#define WEFT_FRAME_RIP 136
#define WEFT_FRAME_SIZE 176

#define WEFT_FIRST_INTERRUPT 32
