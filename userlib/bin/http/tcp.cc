#include "userlib/bin/http/tcp.hh"

#include <bit>

#include "core/abi/poll.hh"
#include "core/abi/process.hh"
#include "core/abi/socket.hh"
#include "userlib/coro/io.hh"
#include "userlib/syscalls.hh"

namespace weft::http {
namespace {

constexpr int32_t k_backlog = 4096;  // who has not been accepted yet

abi::InternetAddress local_address(uint16_t port) {
  return {abi::k_af_inet, std::byteswap(port), std::byteswap(uint32_t{0x7f000001}), {}};
}

Result<int> make_socket() {
  return sys::socket(abi::k_af_inet,
                     abi::k_sock_stream | abi::k_sock_nonblock | abi::k_sock_cloexec, 0);
}

// Who came has gone again, or somebody else was quicker: so the next one.
bool was_nobody(Errno error) {
  return error == Errno::again || error == Errno::intr || error == Errno::connaborted;
}

}  // namespace

// ---- Connection ------------------------------------------------------------------------------------------

Connection::~Connection() {
  if (fd_ >= 0) (void)sys::close(fd_);
}

Result<size_t> Connection::read_now(char* buffer, size_t size) {
  return sys::recvfrom(fd_, buffer, size, abi::k_msg_dontwait, nullptr, nullptr);
}

Result<size_t> Connection::write_now(std::string_view text) {
  return sys::sendto(fd_, text.data(), text.size(), abi::k_msg_dontwait | abi::k_msg_nosignal,
                     nullptr, 0);
}

// ---- Listener --------------------------------------------------------------------------------------------

Listener::~Listener() {
  if (fd_ >= 0) (void)sys::close(fd_);
}

Result<Listener> Listener::at(uint16_t port) {
  Listener listener(TRY(make_socket()));
  const int32_t yes = 1;
  const abi::InternetAddress address = local_address(port);
  TRY(sys::setsockopt(listener.fd_, abi::k_sol_socket, abi::k_so_reuseaddr, &yes, sizeof yes));
  TRY(sys::bind(listener.fd_, &address, sizeof address));
  TRY(sys::listen(listener.fd_, k_backlog));
  return listener;
}

Result<uint16_t> Listener::port() const {
  abi::InternetAddress address{};
  int32_t size = sizeof address;
  TRY(sys::getsockname(fd_, &address, &size));
  return std::byteswap(address.port);
}

// The listener itself never waits: of several that have seen somebody come, all but one would be stuck.
Result<Connection> Listener::accept() const {
  for (;;) {
    abi::PollEntry entry{fd_, static_cast<int16_t>(abi::k_pollin), 0};
    const auto ready = sys::ppoll(&entry, 1, nullptr, nullptr);
    if (!ready && ready.error() != Errno::intr) return fail(ready.error());
    const auto fd = sys::accept4(fd_, nullptr, nullptr, abi::k_sock_cloexec);
    if (fd) return Connection(*fd);
    if (!was_nobody(fd.error())) return fail(fd.error());
  }
}

Result<Connection> Listener::accept_in_coroutine() const {
  for (;;) {
    const auto fd = coro::accept(fd_, nullptr, nullptr, abi::k_sock_nonblock | abi::k_sock_cloexec);
    if (fd) return Connection(*fd);
    if (fd.error() != Errno::connaborted) return fail(fd.error());
  }
}

Result<Connection> Listener::take() const {
  for (;;) {
    const auto fd = sys::accept4(fd_, nullptr, nullptr, abi::k_sock_nonblock | abi::k_sock_cloexec);
    if (fd) return Connection(*fd);
    if (fd.error() == Errno::again || !was_nobody(fd.error())) return fail(fd.error());
  }
}

// ---- For programs ----------------------------------------------------------------------------------------

Result<Connection> connect_to(uint16_t port) {
  Connection connection(TRY(make_socket()));
  const abi::InternetAddress address = local_address(port);
  TRY(coro::connect(connection.fd(), &address, sizeof address));
  return connection;
}

void allow_descriptors(uint64_t count) {
  abi::ResourceLimit limit{};
  if (!sys::prlimit64(0, abi::k_rlimit_nofile, nullptr, &limit) || limit.soft >= count) return;
  limit.soft = count;
  if (limit.hard < count) limit.hard = count;
  (void)sys::prlimit64(0, abi::k_rlimit_nofile, &limit, nullptr);
}

}  // namespace weft::http
