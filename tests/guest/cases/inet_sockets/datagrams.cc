// Datagrams between ports of 127.0.0.1: borders, senders, connected ones, and those that are lost.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

int port_of(int fd) {
  sockaddr_in name{};
  int size = sizeof name;
  must("getsockname", sys::getsockname(fd, &name, &size));
  return __builtin_bswap16(name.sin_port);
}

struct Bound : Socket {
  explicit Bound(uint32_t address = 0x7f000001) : Socket(AF_INET, SOCK_DGRAM) {
    must("bind", bind_to(fd, inet_address(0, address)));
    port = port_of(fd);
  }
  int port;
};

long send_to(int fd, int port, std::string_view text, uint32_t address = 0x7f000001) {
  const sockaddr_in to = inet_address(port, address);
  return sys::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL, &to, sizeof to);
}

int unused_port() { return Bound().port; }

}  // namespace

GUEST_CASE(inet_datagrams_keep_their_borders) {
  Bound here, there;
  show("send", send_to(here.fd, there.port, "one"));
  show("send", send_to(here.fd, there.port, "second"));
  show_receive("first", there.fd);
  show_receive("second", there.fd);
}

GUEST_CASE(inet_datagram_tells_its_sender) {
  Bound here, there;
  send_to(here.fd, there.port, "x");
  char byte;
  sockaddr_in from{};
  int size = sizeof from;
  show("receive", sys::recvfrom(there.fd, &byte, 1, 0, &from, &size));
  say("size {}, family {}", size, from.sin_family);
  check("the port", __builtin_bswap16(from.sin_port) == here.port);
  check("the address", __builtin_bswap32(from.sin_addr.s_addr) == 0x7f000001);
  show("answer", sys::sendto(there.fd, "back", 4, 0, &from, size));
  show_receive("answer", here.fd);
}

GUEST_CASE(inet_datagram_port_is_chosen) {
  Bound there;
  Socket one(AF_INET, SOCK_DGRAM);
  show("before", port_of(one.fd));
  show("send", send_to(one.fd, there.port, "x"));
  check("a port now", port_of(one.fd) >= 1024);
  show_receive("receive", there.fd);
}

GUEST_CASE(inet_datagram_is_cut) {
  Bound here;
  send_to(here.fd, here.port, "0123456789");
  show_receive("peek", here.fd, 4, MSG_PEEK);
  char room[16];
  show("full size", sys::recvfrom(here.fd, room, 4, MSG_PEEK | MSG_TRUNC, nullptr, nullptr));
  int count = 0;
  must("FIONREAD", sys::ioctl(here.fd, FIONREAD, &count));
  show("FIONREAD", count);
  show_receive("cut", here.fd, 4);
  show_receive("the rest is gone", here.fd, 4, MSG_DONTWAIT);
}

GUEST_CASE(inet_empty_datagram) {
  Bound here;
  show("send", send_to(here.fd, here.port, ""));
  show_receive("receive", here.fd, 10);
  show_receive("no more", here.fd, 10, MSG_DONTWAIT);
}

GUEST_CASE(inet_datagram_to_nobody) {
  Socket one(AF_INET, SOCK_DGRAM);
  const int port = unused_port();
  show("it is lost", send_to(one.fd, port, "x"));
  show("and again", send_to(one.fd, port, "x"));
  show("without a name", send_text(one.fd, "x"));
  show("to port 0", send_to(one.fd, 0, "x"));
  show("to a network that isn't there", send_to(one.fd, 80, "x", 0x0a000001));
}

GUEST_CASE(inet_connected_datagram_to_nobody) {
  Socket one(AF_INET, SOCK_DGRAM);
  show("connect", connect_to(one.fd, inet_address(unused_port())));
  show("send", send_text(one.fd, "x"));
  show("the next hears of it", send_text(one.fd, "x"));
  show("send", send_text(one.fd, "x"));
  show_receive("so does a reader", one.fd);
  show("send", send_text(one.fd, "x"));
  show("SO_ERROR", option(one.fd, SO_ERROR));
  show("SO_ERROR", option(one.fd, SO_ERROR));
}

GUEST_CASE(inet_connected_datagrams) {
  Bound here, there, other;
  show("connect", connect_to(here.fd, inet_address(there.port)));
  show("write", sys::write(here.fd, "to my peer", 10));
  show_receive("receive", there.fd);
  show("by name elsewhere", send_to(here.fd, other.port, "elsewhere"));
  show_receive("receive", other.fd);
  send_to(other.fd, here.port, "from another");
  show_receive("not from others", here.fd, 100, MSG_DONTWAIT);
  send_to(there.fd, here.port, "from my peer");
  show_receive("from the peer", here.fd);
  sockaddr_in name{};
  int size = sizeof name;
  show("peer", sys::getpeername(here.fd, &name, &size));
  check("its port", __builtin_bswap16(name.sin_port) == there.port);
  sockaddr_in nobody{};
  show("disconnect", sys::connect(here.fd, &nobody, sizeof nobody));
  show("peer", sys::getpeername(here.fd, &name, &size));
  show("send", send_text(here.fd, "x"));
}

GUEST_CASE(inet_datagram_shutdown) {
  Bound here, there;
  show("alone", sys::shutdown(here.fd, SHUT_WR));
  show("send", send_to(here.fd, there.port, "x"));
  must("connect", connect_to(there.fd, inet_address(here.port)));
  show("connected", sys::shutdown(there.fd, SHUT_RD));
  show_receive("receive", there.fd);
}

GUEST_CASE(inet_datagram_own_address) {
  Bound there;
  Socket one(AF_INET, SOCK_DGRAM);
  sockaddr_in name{};
  int size = sizeof name;
  must("getsockname", sys::getsockname(one.fd, &name, &size));
  check("none at first", name.sin_addr.s_addr == 0);
  must("connect", connect_to(one.fd, inet_address(there.port)));
  must("getsockname", sys::getsockname(one.fd, &name, &size));
  check("then its own", __builtin_bswap32(name.sin_addr.s_addr) == 0x7f000001);
}

GUEST_CASE(inet_datagrams_by_address) {
  Bound any(0);
  Socket exact(AF_INET, SOCK_DGRAM);
  show("the same port", bind_to(exact.fd, inet_address(any.port)));
  Bound two(0x7f000002);
  Socket sender(AF_INET, SOCK_DGRAM);
  send_to(sender.fd, any.port, "to any", 0x7f000009);
  show_receive("any", any.fd);
  send_to(sender.fd, two.port, "to two", 0x7f000002);
  show_receive("two", two.fd);
  send_to(sender.fd, two.port, "to one", 0x7f000001);
  show_receive("two", two.fd, 10, MSG_DONTWAIT);
}

GUEST_CASE(inet_datagram_bind_errors) {
  Bound one;
  Socket other(AF_INET, SOCK_DGRAM);
  show("taken", bind_to(other.fd, inet_address(one.port)));
  show("a stream's port is another",
       bind_to(Socket(AF_INET, SOCK_STREAM).fd, inet_address(one.port)));
  show("again", bind_to(one.fd, inet_address(0)));
  show("somebody else's address", bind_to(other.fd, inet_address(0, 0x08080808)));
}

GUEST_CASE(inet_datagram_too_large) {
  Bound here;
  static char large[65'508];
  const sockaddr_in to = inet_address(here.port);
  show("too large", sys::sendto(here.fd, large, 65'508, 0, &to, sizeof to));
  show("the largest", sys::sendto(here.fd, large, 65'507, 0, &to, sizeof to));
  show("receive", sys::recvfrom(here.fd, large, sizeof large, 0, nullptr, nullptr));
}

GUEST_CASE(inet_datagram_reader_waits) {
  Bound here;
  const int child = start_child([&] { show_receive("receive", here.fd); });
  wait_until_blocked(child);
  Socket sender(AF_INET, SOCK_DGRAM);
  send_to(sender.fd, here.port, "at last");
  wait_for(child);
}

GUEST_CASE(inet_datagram_events) {
  Bound here;
  show("empty", events_of(here.fd));
  send_to(here.fd, here.port, "x");
  show("something is there", events_of(here.fd));
}

GUEST_CASE(inet_full_datagram_queue_drops) {
  Bound here;
  static char block[8192];
  const sockaddr_in to = inet_address(here.port);
  for (int i = 0; i < 200; ++i) {
    must("send", sys::sendto(here.fd, block, sizeof block, 0, &to, sizeof to));
  }
  long got = 0;
  while (sys::recvfrom(here.fd, block, sizeof block, MSG_DONTWAIT, nullptr, nullptr) > 0) ++got;
  check("some came", got > 5);
  check("some were lost", got < 200);
}

GUEST_CASE(inet_datagram_time_limit) {
  Bound here;
  timeval limit{0, 20'000};
  must("set", sys::setsockopt(here.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  show_receive("nothing came in time", here.fd);
}

}  // namespace weft::guest
