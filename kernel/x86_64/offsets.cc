// Nothing to run: the compiler checks here that assembly and C++ agree.
#include "x86_64/offsets.hh"

#include <cstddef>

#include "core/hal.hh"
#include "x86_64/trap_frame.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {

static_assert(offsetof(hal::Context, stack_pointer) == WEFT_CONTEXT_STACK_POINTER);
static_assert(offsetof(TrapFrame, rbp) == WEFT_FRAME_RBP);
static_assert(offsetof(TrapFrame, rip) == WEFT_FRAME_RIP);
static_assert(sizeof(TrapFrame) == WEFT_FRAME_SIZE);
static_assert(k_first_interrupt == WEFT_FIRST_INTERRUPT);

}  // namespace weft::x86
