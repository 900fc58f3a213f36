// Run:      sockets
// Look for: the same small conversation three times: with a relative, by a name in the file tree, by a port.
// Why:      once connected, all sockets are alike: both ways, in order, with an end that the other side sees.
#include <cstddef>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"

namespace weft {
namespace {

// Sends each letter back as a capital, until the other side has no more to say.
void answer(int connection) {
  char letter;
  while (read_exactly(connection, {&letter, 1}).value_or(false)) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    (void)write_exactly(connection, {&letter, 1});
  }
  (void)write_exactly(connection, ", and good-bye");
}

void ask(std::string_view how, int connection) {
  (void)write_exactly(connection, "hello");
  (void)sys::shutdown(connection, 1);  // no more from here, but we still listen
  String reply;
  (void)read_all(connection, reply);
  print("  {:<28} {}\n", how, reply);
}

void with_a_relative() {
  socket_pair ends = socket_pair::make().value();
  auto other = process::run([&] {
    ends.first = Descriptor();
    answer(ends.second.get());
  });
  ends.second = Descriptor();
  ask("a pair of sockets", ends.first.get());
  other->wait();
}

// A server of one client, at that address. If it has no port yet, the kernel finds one.
template <typename Address>
void at_an_address(std::string_view how, Address address, int32_t size = sizeof(Address)) {
  const int family = address.family;
  const Descriptor listener(sys::socket(family, abi::k_sock_stream, 0).value_or(-1));
  const auto bound = sys::bind(listener.get(), &address, size);
  ASSERT(bound.has_value() && sys::listen(listener.get(), 1).has_value(), "the address is free");
  (void)sys::getsockname(listener.get(), &address, &size);
  auto server = process::run([&] {
    const Descriptor client(sys::accept4(listener.get(), nullptr, nullptr, 0).value_or(-1));
    answer(client.get());
  });
  const Descriptor connection(sys::socket(family, abi::k_sock_stream, 0).value_or(-1));
  (void)sys::connect(connection.get(), &address, size);
  ask(how, connection.get());
  server->wait();
}

}  // namespace

int sockets_main(Arguments) {
  print("\"hello\" is sent; what comes back\n");
  with_a_relative();
  const Text<40> path("/tmp/sockets.{}", sys::getpid().value_or(0));
  abi::SocketAddress name{static_cast<uint16_t>(abi::k_af_unix), {}};
  path.view().copy(name.bytes, path.view().size());
  at_an_address("a name in the file tree", name,
                static_cast<int32_t>(offsetof(abi::SocketAddress, bytes) + path.view().size() + 1));
  (void)sys::unlink(path.c_str());
  constexpr uint32_t k_loopback = 0x0100007f;  // 127.0.0.1, its highest byte first
  at_an_address("a port of this machine",
                abi::InternetAddress{static_cast<uint16_t>(abi::k_af_inet), 0, k_loopback, {}});
  return 0;
}

}  // namespace weft
