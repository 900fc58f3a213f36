// Internet sockets inside one machine: ports, the manners of TCP at a connection's end, lost datagrams.
#include "core/ipc/socket/inet_socket.hh"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <string>

#include "core/sched/scheduler.hh"
#include "unit/ipc/io.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::ipc {
namespace {

using host::Machine;
using io::read_text;
using io::write_text;

SocketName at(uint16_t port, uint32_t address = InetPorts::k_loopback) {
  const abi::InternetAddress made{.family = abi::k_af_inet,
                                  .port = std::byteswap(port),
                                  .address = std::byteswap(address),
                                  .padding = {}};
  SocketName name;
  name.size = sizeof made;
  std::memcpy(&name.address, &made, sizeof made);
  return name;
}

uint16_t port_of(Socket& socket) {
  abi::InternetAddress address;
  const SocketName name = socket.name();
  std::memcpy(&address, &name.address, sizeof address);
  return std::byteswap(address.port);
}

struct Made {
  explicit Made(SocketType type = SocketType::stream, uint32_t flags = 0)
      : Made(make_inet_socket(type, flags).value()) {}
  explicit Made(Ref<fs::File> made) : file(std::move(made)), socket(Socket::of(*file).value()) {}
  Socket* operator->() const { return socket; }
  Ref<fs::File> file;
  Socket* socket;
};

Errno error_of(const auto& result) { return result.has_value() ? Errno{} : result.error(); }

Made listening(uint16_t port = 80, int32_t backlog = 5) {
  Made made;
  EXPECT_TRUE(made->bind(at(port)).has_value());
  EXPECT_TRUE(made->listen(backlog).has_value());
  return made;
}

struct Connection {
  Connection() : listener(listening()), server(connect()) {}
  Made connect() {
    EXPECT_TRUE(client->connect(at(80)).has_value());
    SocketName from;
    return Made(listener->accept(0, from).value());
  }
  Made listener, client, server;
};

Result<size_t> send(Made& socket, std::string text, const SocketName& to = {}) {
  fs::IoBuffer from = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(text)));
  return socket->send(from, to, {}, abi::k_msg_nosignal);
}

TEST(InetSocket, StreamsGoBothWays) {
  Machine().run([] {
    Connection both;
    write_text(*both.client.file, "there");
    EXPECT_EQ(read_text(*both.server.file, 9), "there");
    write_text(*both.server.file, "back");
    EXPECT_EQ(read_text(*both.client.file, 9), "back");
    EXPECT_EQ(port_of(*both.server.socket), 80);
    EXPECT_EQ(both.server->peer_name().value().bytes(), both.client->name().bytes());
    EXPECT_EQ(error_of(both.client->connect(at(80))), Errno::isconn);
  });
}

TEST(InetSocket, PortsAreTaken) {
  Machine().run([] {
    Made one, other, any;
    EXPECT_TRUE(one->bind(at(1000)).has_value());
    EXPECT_EQ(error_of(one->bind(at(1001))), Errno::inval);
    EXPECT_EQ(error_of(other->bind(at(1000))), Errno::addrinuse);
    EXPECT_EQ(error_of(other->bind(at(1000, 0))), Errno::addrinuse);
    EXPECT_TRUE(other->bind(at(1000, 0x7f000002)).has_value());
    EXPECT_EQ(error_of(any->bind(at(0, 0x0a000001))), Errno::addrnotavail);
    EXPECT_TRUE(any->bind(at(0)).has_value());
    EXPECT_GE(port_of(*any.socket), 32'768);
    EXPECT_EQ(error_of(Made(SocketType::datagrams)->bind(at(1000))), Errno{}) << "its own table";
    one.file.reset();
    EXPECT_TRUE(Made()->bind(at(1000)).has_value()) << "free again";
  });
}

TEST(InetSocket, ReuseOfAPort) {
  Machine().run([] {
    InetPorts ports;
    const Inbox::Manners manners{SocketType::stream, false, false};
    const Ref<Inbox> one = Inbox::make(manners).value(), other = Inbox::make(manners).value();
    one->reuses_address.store(true, relaxed);
    EXPECT_TRUE(ports.bind(*one, {InetPorts::k_loopback, 9}).has_value());
    EXPECT_EQ(error_of(ports.bind(*other, {InetPorts::k_any, 9})), Errno::addrinuse);
    other->reuses_address.store(true, relaxed);
    EXPECT_TRUE(ports.bind(*other, {InetPorts::k_any, 9}).has_value());
    EXPECT_TRUE(ports.start_listening(*other).has_value());
    EXPECT_EQ(error_of(ports.start_listening(*one)), Errno::addrinuse);
    EXPECT_EQ(ports.find_listener({InetPorts::k_loopback, 9}).get(), other.get());
    EXPECT_FALSE(ports.find_listener({InetPorts::k_loopback, 10}));
    ports.release(*one);
    ports.release(*other);
  });
}

TEST(InetSocket, RefusedAtOnceOrLater) {
  Machine().run([] {
    Made client, hasty(SocketType::stream, abi::k_o_nonblock);
    EXPECT_EQ(error_of(client->connect(at(80))), Errno::connrefused);
    EXPECT_EQ(error_of(client->connect(at(80, 0x08080808))), Errno::netunreach);
    EXPECT_EQ(error_of(hasty->connect(at(80))), Errno::inprogress);
    EXPECT_NE(hasty.file->poll(nullptr) & abi::k_pollerr, 0u);
    EXPECT_EQ(error_of(hasty->connect(at(80))), Errno::connrefused);
    Made listener = listening();
    EXPECT_EQ(error_of(hasty->connect(at(80))), Errno::inprogress);
    EXPECT_EQ(error_of(hasty->connect(at(80))), Errno{});
    EXPECT_EQ(error_of(hasty->connect(at(80))), Errno::isconn);
    EXPECT_TRUE(client->connect(at(80)).has_value()) << "after a refusal";
  });
}

TEST(InetSocket, ABusyListenerLetsThemWait) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine(host::options_for(seed)).run([] {
      Made listener = listening(80, 0);
      Made first, second, hasty(SocketType::stream, abi::k_o_nonblock);
      EXPECT_TRUE(first->connect(at(80)).has_value());
      EXPECT_EQ(error_of(hasty->connect(at(80))), Errno::inprogress);
      EXPECT_EQ(error_of(hasty->connect(at(80))), Errno::already);
      EXPECT_EQ(hasty.file->poll(nullptr), 0u);
      host::Crew crew;
      Thread& waiter = crew.add([&] { EXPECT_TRUE(second->connect(at(80)).has_value()); });
      host::await_blocked(waiter, BlockReason::waiting);
      SocketName from;
      Made one(listener->accept(0, from).value());
      EXPECT_EQ(error_of(hasty->connect(at(80))), Errno{}) << "there is room for it now";
      Made two(listener->accept(0, from).value());
      crew.join();
      EXPECT_EQ(from.bytes(), hasty->name().bytes());
    });
  });
}

TEST(InetSocket, AnOrderlyEnd) {
  Machine().run([] {
    Connection both;
    write_text(*both.client.file, "last");
    both.client.file.reset();
    EXPECT_EQ(read_text(*both.server.file, 9), "last");
    EXPECT_EQ(read_text(*both.server.file, 9), "");
    EXPECT_EQ(both.server.file->poll(nullptr) & abi::k_pollhup, 0u);
    EXPECT_EQ(send(both.server, "lost").value(), 4u);
    EXPECT_EQ(error_of(send(both.server, "x")), Errno::pipe);
    EXPECT_NE(both.server.file->poll(nullptr) & abi::k_pollhup, 0u);
    EXPECT_EQ(read_text(*both.server.file, 9), "");
  });
}

TEST(InetSocket, AReset) {
  Machine().run([] {
    Connection both;
    write_text(*both.client.file, "unread");
    both.server.file.reset();
    EXPECT_EQ(error_of(send(both.client, "x")), Errno::connreset);
    EXPECT_EQ(error_of(send(both.client, "x")), Errno::pipe);
    EXPECT_EQ(read_text(*both.client.file, 9), "");
  });
}

TEST(InetSocket, WhoWasNotAcceptedIsReset) {
  Machine().run([] {
    Made listener = listening(), client;
    EXPECT_TRUE(client->connect(at(80)).has_value());
    listener.file.reset();
    EXPECT_EQ(io::read_error(*client.file), Errno::connreset);
    EXPECT_EQ(read_text(*client.file, 1), "");
  });
}

TEST(InetSocket, ShutdownTellsTheOtherSideOnlyOfSilence) {
  Machine().run([] {
    Connection both;
    EXPECT_TRUE(both.client->shutdown(abi::k_shut_rd).has_value());
    EXPECT_EQ(send(both.server, "late").value(), 4u);
    EXPECT_EQ(read_text(*both.client.file, 9), "late");
    EXPECT_TRUE(both.client->shutdown(abi::k_shut_wr).has_value());
    EXPECT_EQ(read_text(*both.server.file, 9), "");
    EXPECT_EQ(error_of(Made()->shutdown(abi::k_shut_wr)), Errno::notconn);
  });
}

TEST(InetSocket, DatagramsGoToTheBestFit) {
  Machine().run([] {
    Made any(SocketType::datagrams, abi::k_o_nonblock);
    Made exact(SocketType::datagrams, abi::k_o_nonblock);
    Made sender(SocketType::datagrams);
    EXPECT_TRUE(any->bind(at(53, 0)).has_value());
    EXPECT_TRUE(exact->bind(at(54)).has_value());
    EXPECT_EQ(send(sender, "a", at(53, 0x7f000009)).value(), 1u);
    EXPECT_EQ(send(sender, "b", at(54)).value(), 1u);
    EXPECT_EQ(read_text(*any.file, 9), "a");
    EXPECT_EQ(read_text(*exact.file, 9), "b");
    EXPECT_TRUE(exact->connect(at(53)).has_value());
    EXPECT_EQ(send(sender, "c", at(54)).value(), 1u);
    EXPECT_EQ(io::read_error(*exact.file), Errno::again) << "not from its peer";
    EXPECT_EQ(error_of(send(sender, "x")), Errno::destaddrreq);
    EXPECT_EQ(error_of(send(sender, std::string(65'508, 'x'), at(53))), Errno::msgsize);
  });
}

TEST(InetSocket, LostDatagrams) {
  Machine().run([] {
    Made one(SocketType::datagrams, abi::k_o_nonblock);
    EXPECT_EQ(send(one, "x", at(9)).value(), 1u) << "nobody is there";
    EXPECT_EQ(send(one, "x", at(9)).value(), 1u);
    EXPECT_TRUE(one->connect(at(9)).has_value());
    EXPECT_EQ(send(one, "x").value(), 1u);
    EXPECT_EQ(error_of(send(one, "x")), Errno::connrefused);
    EXPECT_EQ(send(one, "x").value(), 1u);
    EXPECT_EQ(io::read_error(*one.file), Errno::connrefused);
    Made full(SocketType::datagrams, abi::k_o_nonblock);
    EXPECT_TRUE(full->bind(at(10)).has_value());
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(send(one, std::string(8192, 'x'), at(10)).value(), 8192u);
    }
    int came = 0;
    while (io::read(*full.file, 9000).has_value()) ++came;
    EXPECT_GT(came, 10);
    EXPECT_LT(came, 50);
  });
}

}  // namespace
}  // namespace weft::ipc
