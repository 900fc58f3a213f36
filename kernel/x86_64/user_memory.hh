// The kernel's own touches of user memory: what a fault in one of them leads to.
#pragma once

#include "core/base/registers.hh"
#include "core/base/types.hh"

namespace weft::x86 {

// A page fault of the kernel. True if it happened in user_copy.S at a user's address: then the page
// is there now, or the frame goes on where the failure is told. Interrupts are off, as in all faults.
bool settle_user_access(Registers& frame, VirtAddr address);

}  // namespace weft::x86
