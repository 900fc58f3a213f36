// Reading, writing and waiting for descriptors as the kernel's calls of the same names do it, but that
// only the coroutine waits, not its worker. From a plain thread they are the kernel's calls themselves.
//
// Every one of them ends with Errno::intr when the coroutine is cancelled, and with Errno::timedout
// when the deadline comes. A descriptor need not be in the non-blocking mode: the call is made when it
// is ready. (Two coroutines that read one pipe may both find it ready; then one of the two holds up its
// worker until there is more. Give such a descriptor O_NONBLOCK.)
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::coro {

// Until one of the events (of poll()) is there.
Result<> wait_until_ready(int32_t fd, uint32_t events, Instant deadline = k_never);
Result<> wait_readable(int32_t fd, Instant deadline = k_never);
Result<> wait_writable(int32_t fd, Instant deadline = k_never);

Result<size_t> read(int32_t fd, void* buffer, size_t size, Instant deadline = k_never);
Result<size_t> write(int32_t fd, const void* data, size_t size, Instant deadline = k_never);
// All of it, or the error that came after a part.
Result<> write_all(int32_t fd, const void* data, size_t size, Instant deadline = k_never);

}  // namespace weft::coro
