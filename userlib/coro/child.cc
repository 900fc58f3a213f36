#include "userlib/coro/child.hh"

#include "userlib/base/file.hh"
#include "userlib/coro/io.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {

// A descriptor of the process is ready when it has ended.
Result<exit_status> wait(process& child, Instant deadline) {
  if (!child.joinable()) return fail(Errno::child);
  if (const auto ended = child.try_wait()) return *ended;
  const Descriptor watched(TRY(sys::pidfd_open(child.get_id(), 0)));
  for (;;) {
    TRY(wait_readable(watched.get(), deadline));
    if (const auto ended = child.try_wait()) return *ended;
  }
}

}  // namespace weft::coro
