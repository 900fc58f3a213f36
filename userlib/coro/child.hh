// wait(): the end of a child process. Only the coroutine waits, not its worker.
#pragma once

#include "core/base/result.hh"
#include "userlib/process/process.hh"

namespace weft::coro {

// How it ended; nobody has to wait for it any more then. Errno::child: there is nobody to wait for;
// Errno::timedout, Errno::intr: the deadline came first, or a cancellation. From plain threads, too.
Result<exit_status> wait(process& child, Instant deadline = k_never);

}  // namespace weft::coro
