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
#include <span>

#include "abi/constants.hh"
#include "core/abi/poll.hh"
#include "core/abi/socket.hh"
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

// Until one of the entries has something to tell, or the deadline has come: how many have, 0 after the
// deadline, as poll() has it. (Only a cancellation ends it with an errno.)
Result<size_t> poll(std::span<abi::PollEntry> entries, Instant deadline = k_never);

// ---- Sockets. The coroutine waits, whatever mode the socket is in.

// The next connection; the flags are accept4()'s.
Result<int32_t> accept(int32_t fd, void* name = nullptr, int32_t* size = nullptr,
                       uint32_t flags = abi::k_sock_cloexec, Instant deadline = k_never);
// The socket is in the non-blocking mode meanwhile, for whoever else uses it, too.
Result<> connect(int32_t fd, const void* name, int32_t size, Instant deadline = k_never);
Result<size_t> sendmsg(int32_t fd, const abi::MessageHeader& message, uint32_t flags = 0,
                       Instant deadline = k_never);
Result<size_t> recvmsg(int32_t fd, abi::MessageHeader& message, uint32_t flags = 0,
                       Instant deadline = k_never);
Result<size_t> sendto(int32_t fd, const void* data, size_t size, uint32_t flags, const void* name,
                      int32_t name_size, Instant deadline = k_never);
Result<size_t> recvfrom(int32_t fd, void* buffer, size_t size, uint32_t flags, void* name,
                        int32_t* name_size, Instant deadline = k_never);

}  // namespace weft::coro
