#include "userlib/coro/io.hh"

#include "core/abi/poll.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/reactor.hh"
#include "userlib/coro/worker.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

abi::Timespec timespec_of(Nanoseconds time) {
  return {static_cast<int64_t>(time / k_second), static_cast<int64_t>(time % k_second)};
}

// False when `most` is over.
Result<bool> poll_kernel(int32_t fd, uint32_t events, Nanoseconds most) {
  abi::PollEntry entry{fd, static_cast<int16_t>(events), 0};
  abi::Timespec left = timespec_of(most);
  const auto ready = TRY(sys::ppoll(&entry, 1, most == k_never ? nullptr : &left, nullptr));
  if ((entry.happened & abi::k_pollnval) != 0) return fail(Errno::badf);
  return ready > 0;
}

Result<> wait_as_thread(int32_t fd, uint32_t events, Instant deadline) {
  for (;;) {
    const Instant present = deadline == k_never ? 0 : now();
    const Nanoseconds left = deadline == k_never  ? k_never
                             : deadline > present ? deadline - present
                                                  : 0;
    const auto ready = poll_kernel(fd, events, left);
    if (ready && *ready) return {};
    if (ready && deadline != k_never && now() >= deadline) return fail(Errno::timedout);
    if (!ready && ready.error() != Errno::intr) return fail(ready.error());
  }
}

// How much may be written at once so that a call never waits: a descriptor in the blocking mode takes
// all or waits, but a "writable" one has room for this much (PIPE_BUF).
size_t portion(int32_t fd, size_t size) {
  constexpr size_t k_pipe_buffer = 4096;
  if (size <= k_pipe_buffer) return size;
  const auto flags = sys::fcntl(fd, abi::k_f_getfl, 0);
  return flags && (*flags & abi::k_o_nonblock) != 0 ? size : k_pipe_buffer;
}

// Makes the call when the descriptor is ready, as often as it takes.
template <typename Call>
Result<size_t> when_ready(int32_t fd, uint32_t events, Instant deadline, Call call) {
  for (;;) {
    TRY(wait_until_ready(fd, events, deadline));
    const auto done = call();
    if (done) return static_cast<size_t>(*done);
    if (done.error() != Errno::again && done.error() != Errno::intr) return fail(done.error());
  }
}

}  // namespace

Result<> wait_until_ready(int32_t fd, uint32_t events, Instant deadline) {
  if (this_worker() == nullptr) return wait_as_thread(fd, events, deadline);
  if (TRY(poll_kernel(fd, events, 0))) return {};
  const Wake how = TRY(Reactor::wait(fd, events, deadline));
  if (how == Wake::woken) return {};
  return fail(how == Wake::timed_out ? Errno::timedout : Errno::intr);
}

Result<> wait_readable(int32_t fd, Instant deadline) {
  return wait_until_ready(fd, abi::k_pollin, deadline);
}
Result<> wait_writable(int32_t fd, Instant deadline) {
  return wait_until_ready(fd, abi::k_pollout, deadline);
}

Result<size_t> read(int32_t fd, void* buffer, size_t size, Instant deadline) {
  return when_ready(fd, abi::k_pollin, deadline, [=] { return sys::read(fd, buffer, size); });
}

Result<size_t> write(int32_t fd, const void* data, size_t size, Instant deadline) {
  const size_t some = portion(fd, size);
  return when_ready(fd, abi::k_pollout, deadline, [=] { return sys::write(fd, data, some); });
}

Result<> write_all(int32_t fd, const void* data, size_t size, Instant deadline) {
  const char* rest = static_cast<const char*>(data);
  while (size > 0) {
    const size_t written = TRY(write(fd, rest, size, deadline));
    rest += written;
    size -= written;
  }
  return {};
}

}  // namespace weft::coro
