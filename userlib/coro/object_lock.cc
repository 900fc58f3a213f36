#include "userlib/coro/object_lock.hh"

#include "userlib/sys/spin.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constexpr int k_spins = 64;

}  // namespace

void ObjectLock::lock_slowly() {
  int spins = 0;
  do {
    while (held_.load(relaxed) != 0) {
      if (++spins < k_spins) {
        sys::relax();
      } else {
        // Its holder is a thread that has lost its CPU.
        (void)sys::sched_yield();
        spins = 0;
      }
    }
  } while (held_.exchange(1, acquire) != 0);
}

}  // namespace weft::coro
