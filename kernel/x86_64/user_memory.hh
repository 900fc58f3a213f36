// The kernel's own touches of user memory: what a fault in one of them leads to.
#pragma once

#include "core/base/registers.hh"
#include "core/base/types.hh"
#include "x86_64/features.hh"

namespace weft::x86 {

// Once, when the features are known.
void prepare_user_access();
// A page fault of the kernel. True if it happened in user_copy.S at a user's address: then the page
// is there now, or the frame goes on where the failure is told. Interrupts are off, as in all faults.
bool settle_user_access(Registers& frame, VirtAddr address);
// Another exception of the kernel. True if it happened there: what was to be loaded is no such thing,
// and the frame goes on where the failure is told.
bool fail_user_access(Registers& frame);

// With SMAP the CPU refuses the kernel all user pages, but while this lives.
class UserAccess {
 public:
  UserAccess() {
    if (features.smap) asm volatile("stac" ::: "memory");
  }
  ~UserAccess() {
    if (features.smap) asm volatile("clac" ::: "memory");
  }
  UserAccess(const UserAccess&) = delete;
  UserAccess& operator=(const UserAccess&) = delete;
};

}  // namespace weft::x86
