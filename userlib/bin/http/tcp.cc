#include "userlib/bin/http/tcp.hh"

#include <bit>

#include "core/abi/process.hh"
#include "core/abi/socket.hh"
#include "userlib/coro/io.hh"

namespace weft::http {
namespace {

constexpr int32_t k_backlog = 4096;  // who has not been accepted yet

abi::InternetAddress local_address(uint16_t port) {
  return {abi::k_af_inet, std::byteswap(port), std::byteswap(uint32_t{0x7f000001}), {}};
}

Result<Descriptor> make_socket() {
  return Descriptor(TRY(sys::socket(
      abi::k_af_inet, abi::k_sock_stream | abi::k_sock_nonblock | abi::k_sock_cloexec, 0)));
}

}  // namespace

Result<Descriptor> listen_at(uint16_t port) {
  Descriptor listener = TRY(make_socket());
  const int32_t yes = 1;
  const abi::InternetAddress address = local_address(port);
  TRY(sys::setsockopt(listener.get(), abi::k_sol_socket, abi::k_so_reuseaddr, &yes, sizeof yes));
  TRY(sys::bind(listener.get(), &address, sizeof address));
  TRY(sys::listen(listener.get(), k_backlog));
  return listener;
}

Result<uint16_t> port_of(const Descriptor& listener) {
  abi::InternetAddress address{};
  int32_t size = sizeof address;
  TRY(sys::getsockname(listener.get(), &address, &size));
  return std::byteswap(address.port);
}

Result<Descriptor> connect_to(uint16_t port) {
  Descriptor connection = TRY(make_socket());
  const abi::InternetAddress address = local_address(port);
  TRY(coro::connect(connection.get(), &address, sizeof address));
  return connection;
}

Result<Descriptor> accept_from(const Descriptor& listener) {
  return Descriptor(TRY(
      coro::accept(listener.get(), nullptr, nullptr, abi::k_sock_nonblock | abi::k_sock_cloexec)));
}

void allow_descriptors(uint64_t count) {
  abi::ResourceLimit limit{};
  if (!sys::prlimit64(0, abi::k_rlimit_nofile, nullptr, &limit) || limit.soft >= count) return;
  limit.soft = count;
  if (limit.hard < count) limit.hard = count;
  (void)sys::prlimit64(0, abi::k_rlimit_nofile, &limit, nullptr);
}

}  // namespace weft::http
