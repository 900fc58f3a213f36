// The frame that a handler runs on: what Linux puts on the stack, so that libraries which look into it
// (cancellation, runtimes that change the registers) find what they expect.
//
//      interrupted stack pointer -> | ...                              |
//                                   | red zone, 128 bytes              |
//                                   | floating-point state, 64-aligned |
//                                   | SignalInfo                       |
//                                   | UserContext: registers, mask     |
//      the handler's stack pointer -> | address of the restorer        |
#pragma once

#include "core/base/registers.hh"
#include "core/base/result.hh"
#include "core/proc/user_thread.hh"

namespace weft::proc {

// Puts the frame on the running thread's stack, and its registers to the handler's start. `blocked` is
// the mask that the end of the handler brings back. Errno::fault if there is no room for it. For a
// thread that is in upcall::before_user_mode(), so that all registers are loaded.
Result<> push_frame(UserThread& self, Registers& registers, const abi::SignalAction& action,
                    const SignalInfo& info, SignalSet blocked);
// The way back: registers, floating point, mask and stack become what the frame at the stack pointer
// says. None of it can get the program rights that it doesn't have. Errno::fault. The caller loads all
// registers (hal::enter_user).
Result<> pop_frame(UserThread& self, Registers& registers);

// As sigaltstack() does: tells the old one, then sets the new one; either may be missing. Errno::perm,
// Errno::inval, Errno::nomem.
abi::SignalStack other_stack(const UserThread& self, VirtAddr stack_pointer);
Result<> set_other_stack(UserThread& self, VirtAddr stack_pointer, const abi::SignalStack& stack);

// In user memory an info is longer; zeros follow what the kernel knows.
Result<> store_info(VirtAddr place, const SignalInfo& info);

}  // namespace weft::proc
