// For tests: makes one allocation fail, so that its caller's way out of trouble is taken once.
// In a release build it is nothing.
#pragma once

#include <cstdint>

namespace weft::mm {

#if WEFT_DEBUG

// The n-th allocation (1: the next) that this thread makes from now on fails: of page frames, of
// objects or of a kernel stack, whichever comes n-th. One made inside another counts too. Earlier
// wishes are forgotten. 0: nothing fails any more.
void fail_allocation(uint32_t nth);
// The allocation asked for has come, and failed.
bool allocation_has_failed();

// Asked by each allocator at its entry.
bool allocation_must_fail();

#else

constexpr bool allocation_must_fail() { return false; }

#endif

}  // namespace weft::mm
