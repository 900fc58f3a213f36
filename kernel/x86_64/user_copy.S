// The few instructions of the kernel that touch user addresses. Each may fault; user_memory.cc has a
// table of them, and where each goes on when the fault can't be made good.
//
// Words first: `rep movsq` moves eight bytes a step. If a word faults, bytes go on from there, so that
// all that can be copied is, up to the last byte before the bad page.

#include "x86_64/offsets.hh"

.section .text.user, "ax"
.cfi_sections .debug_frame

.macro FUNCTION name
    .global \name
    .type \name, @function
\name:
    .cfi_startproc
.endm

.macro LABEL name
    .global \name
\name:
.endm

// size_t user_copy(void* to, const void* from, size_t size): how many bytes are left.
FUNCTION user_copy
    movq %rdx, %rcx
    shrq $3, %rcx
    andl $7, %edx
LABEL user_copy_words
    rep movsq
    movq %rdx, %rcx
LABEL user_copy_bytes
    rep movsb
    xorl %eax, %eax
    ret
LABEL user_copy_words_failed
    leaq (%rdx, %rcx, 8), %rcx
    jmp user_copy_bytes
LABEL user_copy_bytes_failed
    movq %rcx, %rax
    ret
    .cfi_endproc

// size_t user_copy_eight(void* to, const void* from): the same for one word.
FUNCTION user_copy_eight
LABEL user_copy_eight_begin
    movq (%rsi), %rax
    movq %rax, (%rdi)
LABEL user_copy_eight_end
    xorl %eax, %eax
    ret
LABEL user_copy_eight_failed
    movl $8, %edx
    jmp user_copy
    .cfi_endproc

// Both for CPUs with SMAP, which refuse the kernel all user pages unless it says that it means them.
FUNCTION user_copy_meant
    stac
    call user_copy
    clac
    ret
    .cfi_endproc

FUNCTION user_copy_eight_meant
    stac
    call user_copy_eight
    clac
    ret
    .cfi_endproc

// size_t user_clear(void* to, size_t size): how many bytes are left.
FUNCTION user_clear
    xorl %eax, %eax
    movq %rsi, %rcx
    movl %esi, %edx
    shrq $3, %rcx
    andl $7, %edx
LABEL user_clear_words
    rep stosq
    movq %rdx, %rcx
LABEL user_clear_bytes
    rep stosb
    ret
LABEL user_clear_words_failed
    leaq (%rdx, %rcx, 8), %rcx
    jmp user_clear_bytes
LABEL user_clear_bytes_failed
    movq %rcx, %rax
    ret
    .cfi_endproc

// int64_t user_load(const uint32_t* from): the value; -1 if it faulted.
FUNCTION user_load
LABEL user_load_word
    movl (%rdi), %eax
    ret
LABEL user_load_failed
    movq $-1, %rax
    ret
    .cfi_endproc

// bool user_exchange(uint32_t* at, uint32_t expected, uint32_t desired, uint32_t* seen)
FUNCTION user_exchange
    movl %esi, %eax
LABEL user_exchange_word
    lock cmpxchgl %edx, (%rdi)
    movl %eax, (%rcx)
    movl $1, %eax
    ret
LABEL user_exchange_failed
    xorl %eax, %eax
    ret
    .cfi_endproc

// The floating-point state, straight to and from a signal frame. Each answers false if it faulted; the
// loads also if the CPU refuses the state.

// bool user_save_short(void* to), bool user_load_short(const void* from): FXSAVE's
FUNCTION user_save_short
    xorl %eax, %eax
LABEL user_save_short_all
    fxsave64 (%rdi)
    movl $1, %eax
LABEL user_save_short_failed
    ret
    .cfi_endproc

FUNCTION user_load_short
    xorl %ecx, %ecx
LABEL user_load_short_all
    fxrstor64 (%rdi)
    movl $1, %ecx
LABEL user_load_short_failed
    movl %ecx, %eax
    ret
    .cfi_endproc

// bool user_save_long(void* to, uint32_t components), bool user_load_long(const void* from,
// uint32_t components): XSAVE's
FUNCTION user_save_long
    movl %esi, %eax
    xorl %edx, %edx
    xorl %ecx, %ecx
LABEL user_save_long_all
    xsave64 (%rdi)
    movl $1, %ecx
LABEL user_save_long_failed
    movl %ecx, %eax
    ret
    .cfi_endproc

FUNCTION user_load_long
    movl %esi, %eax
    xorl %edx, %edx
    xorl %ecx, %ecx
LABEL user_load_long_all
    xrstor64 (%rdi)
    movl $1, %ecx
LABEL user_load_long_failed
    movl %ecx, %eax
    ret
    .cfi_endproc

// ---- Signal frames --------------------------------------------------------------------------------

// In the order in which they lie in abi::SignalContext.
.macro FOR_EACH_REGISTER do
    .set place, WEFT_SIGNAL_REGISTERS
    .irp offset, WEFT_FRAME_R8, WEFT_FRAME_R9, WEFT_FRAME_R10, WEFT_FRAME_R11, \
                 WEFT_FRAME_R12, WEFT_FRAME_R13, WEFT_FRAME_R14, WEFT_FRAME_R15, \
                 WEFT_FRAME_RDI, WEFT_FRAME_RSI, WEFT_FRAME_RBP, WEFT_FRAME_RBX, \
                 WEFT_FRAME_RDX, WEFT_FRAME_RAX, WEFT_FRAME_RCX, WEFT_FRAME_RSP, \
                 WEFT_FRAME_RIP, WEFT_FRAME_RFLAGS
        \do \offset
        .set place, place + 8
    .endr
.endm

.macro SAVE_REGISTER offset
    movq \offset(%rdx), %rax
    movq %rax, place - WEFT_SIGNAL_REGISTERS(%rdi)
.endm

.macro LOAD_REGISTER offset
    movq place(%rdi), %rax
    movq %rax, \offset(%rdx)
.endm

// bool user_save_frame(void* place, const hal::SignalFrame* frame, const Registers* registers)
FUNCTION user_save_frame
LABEL user_save_frame_begin
    movl $WEFT_SIGNAL_REGISTERS / 8, %ecx
    rep movsq                       // what lies before the registers
    FOR_EACH_REGISTER SAVE_REGISTER
    addq $WEFT_SIGNAL_BEHIND - WEFT_SIGNAL_REGISTERS, %rdi
    movl $(WEFT_WORDS_MASK - WEFT_SIGNAL_REGISTERS) / 8, %ecx
    rep movsq                       // what lies behind them
    movq (%rsi), %rax
    movq %rax, WEFT_SIGNAL_MASK - WEFT_SIGNAL_FLOATING_POINT - 8(%rdi)
LABEL user_save_frame_end
    movl $1, %eax
    ret
LABEL user_frame_failed
    xorl %eax, %eax
    ret
    .cfi_endproc

// bool user_load_frame(const void* place, hal::SignalFrame* frame, Registers* registers)
// Its last word and its first ones come first: if they are there, no register is half loaded.
FUNCTION user_load_frame
LABEL user_load_frame_begin
    movq WEFT_SIGNAL_MASK(%rdi), %rax
    movq %rax, WEFT_WORDS_MASK(%rsi)
    .irp offset, 0, 8, 16
        movq WEFT_SIGNAL_STACK + \offset(%rdi), %rax
        movq %rax, WEFT_WORDS_STACK + \offset(%rsi)
    .endr
    movq WEFT_SIGNAL_FLOATING_POINT(%rdi), %rax
    movq %rax, WEFT_WORDS_FLOATING_POINT(%rsi)
    FOR_EACH_REGISTER LOAD_REGISTER
LABEL user_load_frame_end
    movl $1, %eax
    ret
    .cfi_endproc
