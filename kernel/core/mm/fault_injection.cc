#include "core/mm/fault_injection.hh"

#include "core/base/atomic.hh"
#include "core/hal.hh"

#if WEFT_DEBUG

namespace weft::mm {
namespace {

// Other threads go on meanwhile and must not be hit, or the count would depend on the schedule.
constinit Atomic<Thread*> victim{nullptr};
constinit uint32_t remaining = 0;  // the victim's own

}  // namespace

void fail_allocation(uint32_t nth) {
  remaining = nth;
  victim.store(nth != 0 ? hal::current() : nullptr, relaxed);
}

bool allocation_has_failed() { return remaining == 0; }

bool allocation_must_fail() {
  Thread* const chosen = victim.load(relaxed);
  if (chosen == nullptr || chosen != hal::current() || --remaining != 0) return false;
  victim.store(nullptr, relaxed);
  return true;
}

}  // namespace weft::mm

#endif
