#include "userlib/coro/io.hh"

#include <algorithm>

#include "core/abi/poll.hh"
#include "userlib/coro/go.hh"
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

// The same for a socket: that is not ready after all, because somebody else was quicker, is no reason to
// keep the thread.
template <typename Call>
Result<size_t> when_socket_ready(int32_t fd, uint32_t events, uint32_t flags, Instant deadline,
                                 Call call) {
  if (this_worker() == nullptr && deadline == k_never) return call(flags);
  if ((flags & abi::k_msg_dontwait) != 0) return call(flags);
  return when_ready(fd, events, deadline, [&] { return call(flags | abi::k_msg_dontwait); });
}

Result<size_t> poll_many(std::span<abi::PollEntry> entries, Nanoseconds most) {
  abi::Timespec left = timespec_of(most);
  return sys::ppoll(entries.data(), entries.size(), most == k_never ? nullptr : &left, nullptr);
}

// In the non-blocking mode as long as this lives.
class NonBlocking {
 public:
  explicit NonBlocking(int32_t fd) : fd_(fd) {
    const auto flags = sys::fcntl(fd, abi::k_f_getfl, 0);
    if (!flags || (*flags & abi::k_o_nonblock) != 0) return;
    before_ = *flags;
    (void)sys::fcntl(fd, abi::k_f_setfl, before_ | abi::k_o_nonblock);
  }
  ~NonBlocking() {
    if (before_ != k_unchanged) (void)sys::fcntl(fd_, abi::k_f_setfl, before_);
  }
  NonBlocking(const NonBlocking&) = delete;
  NonBlocking& operator=(const NonBlocking&) = delete;

 private:
  static constexpr uint64_t k_unchanged = ~uint64_t{0};
  int32_t fd_;
  uint64_t before_ = k_unchanged;
};

// How the connecting ended that went on in the background.
Result<> outcome_of_connect(int32_t fd) {
  int32_t error = 0;
  int32_t size = sizeof error;
  TRY(sys::getsockopt(fd, abi::k_sol_socket, abi::k_so_error, &error, &size));
  if (error != 0) return fail(static_cast<Errno>(error));
  return {};
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

Result<size_t> poll(std::span<abi::PollEntry> entries, Instant deadline) {
  if (this_worker() == nullptr) {
    const Instant present = deadline == k_never ? 0 : now();
    const Nanoseconds most = deadline == k_never  ? k_never
                             : deadline > present ? deadline - present
                                                  : 0;
    return poll_many(entries, most);
  }
  for (;;) {
    const size_t ready = TRY(poll_many(entries, 0));
    if (ready > 0) return ready;
    const Wake how = TRY(Reactor::wait(entries, deadline));
    if (how == Wake::timed_out) return poll_many(entries, 0);
    if (how == Wake::cancelled) return fail(Errno::intr);
  }
}

// ---- Sockets -------------------------------------------------------------------------------------------

// accept4() has no flag that keeps it from waiting; a listener that several use should be non-blocking.
Result<int32_t> accept(int32_t fd, void* name, int32_t* size, uint32_t flags, Instant deadline) {
  const size_t accepted = TRY(
      when_ready(fd, abi::k_pollin, deadline, [=] { return sys::accept4(fd, name, size, flags); }));
  return static_cast<int32_t>(accepted);
}

Result<> connect(int32_t fd, const void* name, int32_t size, Instant deadline) {
  constexpr Nanoseconds k_pause = k_millisecond;
  if (this_worker() == nullptr && deadline == k_never) return sys::connect(fd, name, size);
  const NonBlocking mode(fd);
  for (;;) {
    const auto done = sys::connect(fd, name, size);
    if (done) return {};
    if (done.error() == Errno::inprogress) {
      TRY(wait_writable(fd, deadline));
      return outcome_of_connect(fd);
    }
    // The other side's queue is full (of a Unix socket), which nothing tells the end of.
    if (done.error() != Errno::again) return done;
    if (deadline <= now()) return fail(Errno::timedout);
    if (sleep_until(std::min(deadline, now() + k_pause)) == Wake::cancelled)
      return fail(Errno::intr);
  }
}

Result<size_t> sendmsg(int32_t fd, const abi::MessageHeader& message, uint32_t flags,
                       Instant deadline) {
  return when_socket_ready(fd, abi::k_pollout, flags, deadline,
                           [&](uint32_t all) { return sys::sendmsg(fd, &message, all); });
}

Result<size_t> recvmsg(int32_t fd, abi::MessageHeader& message, uint32_t flags, Instant deadline) {
  return when_socket_ready(fd, abi::k_pollin, flags, deadline,
                           [&](uint32_t all) { return sys::recvmsg(fd, &message, all); });
}

Result<size_t> sendto(int32_t fd, const void* data, size_t size, uint32_t flags, const void* name,
                      int32_t name_size, Instant deadline) {
  return when_socket_ready(fd, abi::k_pollout, flags, deadline, [=](uint32_t all) {
    return sys::sendto(fd, data, size, all, name, name_size);
  });
}

Result<size_t> recvfrom(int32_t fd, void* buffer, size_t size, uint32_t flags, void* name,
                        int32_t* name_size, Instant deadline) {
  return when_socket_ready(fd, abi::k_pollin, flags, deadline, [=](uint32_t all) {
    return sys::recvfrom(fd, buffer, size, all, name, name_size);
  });
}

}  // namespace weft::coro
