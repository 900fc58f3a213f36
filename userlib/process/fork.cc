#include "userlib/process/fork.hh"

#include "userlib/base/heap.hh"
#include "userlib/base/print.hh"
#include "userlib/process/robust_list.hh"
#include "userlib/sys/foreground.hh"
#include "userlib/sys/thread_number.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/thread_record.hh"

namespace weft {

// Printed text is written first: else both would write it. The locks are taken in one order, always.
Result<int32_t> fork_process() NO_THREAD_SAFETY_ANALYSIS {
  detail::lock_thread_mappings();
  detail::print_lock.lock();
  heap::lock_all();
  out.flush();
  const auto child = sys::fork();
  heap::unlock_all();
  detail::print_lock.unlock();
  detail::unlock_thread_mappings();
  if (child && *child == 0) {
    sys::forget_thread_number();
    detail::forget_foreground_threads();
    detail::forget_robust_list();
  }
  return child;
}

}  // namespace weft
