// The C library's fork: it sees to its own locks, and the sanitizers to theirs.
#include "userlib/process/fork.hh"

#include <cerrno>

#include <unistd.h>

#include "userlib/base/print.hh"
#include "userlib/process/robust_list.hh"
#include "userlib/sys/foreground.hh"
#include "userlib/sys/thread_number.hh"

namespace weft {

Result<int32_t> fork_process() NO_THREAD_SAFETY_ANALYSIS {
  detail::print_lock.lock();
  out.flush();
  const pid_t child = ::fork();
  const int error = errno;
  detail::print_lock.unlock();
  if (child < 0) return fail(static_cast<Errno>(error));
  if (child == 0) {
    sys::forget_thread_number();
    detail::forget_foreground_threads();
    detail::forget_robust_list();
  }
  return child;
}

}  // namespace weft
