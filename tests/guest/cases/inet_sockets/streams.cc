// Streams between ports of 127.0.0.1: listen, connect, both ends and their closing.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
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

// Listens at a port that the kernel chooses.
struct Listener : Socket {
  explicit Listener(int backlog = 5) : Socket(AF_INET, SOCK_STREAM) {
    must("bind", bind_to(fd, inet_address(0)));
    must("listen", sys::listen(fd, backlog));
    port = port_of(fd);
  }
  int port;
};

struct Connection {
  explicit Connection(Listener& listener) : client(AF_INET, SOCK_STREAM), server(-1) {
    must("connect", connect_to(client.fd, inet_address(listener.port)));
    server.fd = static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr)));
  }
  Socket client;
  Socket server;
};

// A port where nobody is.
int unused_port() {
  Socket one(AF_INET, SOCK_STREAM);
  must("bind", bind_to(one.fd, inet_address(0)));
  return port_of(one.fd);
}

void close_with_reset(Socket& socket) {
  struct {
    int on, seconds;
  } linger{1, 0};
  must("SO_LINGER", sys::setsockopt(socket.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  socket.close();
}

}  // namespace

GUEST_CASE(inet_stream_both_ways) {
  Listener listener;
  Connection both(listener);
  show("send", send_text(both.client.fd, "hello"));
  show_receive("server", both.server.fd);
  show("send", sys::write(both.server.fd, "yes?", 4));
  show_read("client", both.client.fd);
}

GUEST_CASE(inet_stream_has_no_borders) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "one");
  send_text(both.client.fd, "two");
  show_receive("all of six", both.server.fd, 6, MSG_WAITALL);
}

GUEST_CASE(inet_stream_between_processes) {
  Listener listener;
  const int child = start_child([&] {
    Socket client(AF_INET, SOCK_STREAM);
    must("connect", connect_to(client.fd, inet_address(listener.port)));
    send_text(client.fd, "from the child");
    show_receive("answer", client.fd);
  });
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  show_receive("server", server.fd);
  send_text(server.fd, "from the parent");
  wait_for(child);
}

GUEST_CASE(inet_connection_refused) {
  Socket client(AF_INET, SOCK_STREAM);
  const int port = unused_port();
  show("connect", connect_to(client.fd, inet_address(port)));
  show("again", connect_to(client.fd, inet_address(port)));
  Listener listener;
  show("to who listens", connect_to(client.fd, inet_address(listener.port)));
}

GUEST_CASE(inet_bound_is_not_listening) {
  Socket one(AF_INET, SOCK_STREAM);
  must("bind", bind_to(one.fd, inet_address(0)));
  show("connect", connect_to(Socket(AF_INET, SOCK_STREAM).fd, inet_address(port_of(one.fd))));
}

GUEST_CASE(inet_connect_errors) {
  Listener listener;
  Connection both(listener);
  const sockaddr_in to = inet_address(listener.port);
  show("connected", connect_to(both.client.fd, to));
  show("a listener", connect_to(listener.fd, to));
  Socket one(AF_INET, SOCK_STREAM);
  show("too short", sys::connect(one.fd, &to, 8));
  show("much too short", sys::connect(one.fd, &to, 1));
  show("another family", connect_to(one.fd, UnixAddress("door")));
  show("a bad pointer", sys::connect(one.fd, k_bad_pointer, 16));
  show("a network that isn't there", connect_to(one.fd, inet_address(80, 0x0a000001)));
  show("then it works", connect_to(one.fd, to));
}

GUEST_CASE(inet_bind_errors) {
  Socket one(AF_INET, SOCK_STREAM);
  const sockaddr_in any = inet_address(0);
  show("too short", sys::bind(one.fd, &any, 8));
  show("another family", bind_to(one.fd, UnixAddress("a-long-enough-name")));
  show("somebody else's address", bind_to(one.fd, inet_address(0, 0x0a000001)));
  show("bind", bind_to(one.fd, any));
  show("again", bind_to(one.fd, any));
  Socket other(AF_INET, SOCK_STREAM);
  show("a port that is taken", bind_to(other.fd, inet_address(port_of(one.fd))));
  show("at any address", bind_to(other.fd, inet_address(port_of(one.fd), 0)));
  show("at another address", bind_to(other.fd, inet_address(port_of(one.fd), 0x7f000002)));
}

GUEST_CASE(inet_reuse_of_an_address) {
  Socket one(AF_INET, SOCK_STREAM);
  Socket other(AF_INET, SOCK_STREAM);
  must("SO_REUSEADDR", set_option(one.fd, SO_REUSEADDR, 1));
  must("bind", bind_to(one.fd, inet_address(0)));
  const sockaddr_in there = inet_address(port_of(one.fd));
  show("only one allows it", bind_to(other.fd, there));
  must("SO_REUSEADDR", set_option(other.fd, SO_REUSEADDR, 1));
  show("both do", bind_to(other.fd, there));
  show("one listens", sys::listen(one.fd, 1));
  show("the other can't", sys::listen(other.fd, 1));
  Socket third(AF_INET, SOCK_STREAM);
  must("SO_REUSEADDR", set_option(third.fd, SO_REUSEADDR, 1));
  show("beside a listener", bind_to(third.fd, there));
}

GUEST_CASE(inet_port_of_a_connection) {
  int port;
  Socket server(-1), client(AF_INET, SOCK_STREAM);
  {
    Listener listener;
    port = listener.port;
    must("connect", connect_to(client.fd, inet_address(port)));
    server.fd = static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr)));
  }
  Socket next(AF_INET, SOCK_STREAM);
  show("a connection still has it", bind_to(next.fd, inet_address(port)));
  show("nobody listens there", connect_to(Socket(AF_INET, SOCK_STREAM).fd, inet_address(port)));
}

GUEST_CASE(inet_names) {
  Listener listener;
  Connection both(listener);
  sockaddr_in name{};
  int size = sizeof name;
  must("getsockname", sys::getsockname(both.server.fd, &name, &size));
  say("size {}, family {}", size, name.sin_family);
  check("the server's address", __builtin_bswap32(name.sin_addr.s_addr) == 0x7f000001);
  check("the listener's port", __builtin_bswap16(name.sin_port) == listener.port);
  must("getpeername", sys::getpeername(both.server.fd, &name, &size));
  check("its peer is the client", __builtin_bswap16(name.sin_port) == port_of(both.client.fd));
  must("getpeername", sys::getpeername(both.client.fd, &name, &size));
  check("the client's peer is the server", __builtin_bswap16(name.sin_port) == listener.port);
  Socket alone(AF_INET, SOCK_STREAM);
  show("peer of nobody", sys::getpeername(alone.fd, &name, &size));
  show("name of nobody", sys::getsockname(alone.fd, &name, &size));
  say("port {}, address {}", name.sin_port, name.sin_addr.s_addr);
  show("peer of a listener", sys::getpeername(listener.fd, &name, &size));
  Socket another(AF_INET, SOCK_STREAM);
  must("connect", connect_to(another.fd, inet_address(listener.port)));
  size = sizeof name;
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, &name, &size))));
  check("accepted from", __builtin_bswap16(name.sin_port) == port_of(another.fd) && size == 16);
}

GUEST_CASE(inet_listener_at_any_address) {
  Socket listener(AF_INET, SOCK_STREAM);
  must("bind", bind_to(listener.fd, inet_address(0, 0)));
  must("listen", sys::listen(listener.fd, 5));
  Socket client(AF_INET, SOCK_STREAM);
  show("by another address", connect_to(client.fd, inet_address(port_of(listener.fd), 0x7f010203)));
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  sockaddr_in name{};
  int size = sizeof name;
  must("getsockname", sys::getsockname(server.fd, &name, &size));
  check("where it was called", __builtin_bswap32(name.sin_addr.s_addr) == 0x7f010203);
  Socket other(AF_INET, SOCK_STREAM);
  show("by no address", connect_to(other.fd, inet_address(port_of(listener.fd), 0)));
}

GUEST_CASE(inet_listen_chooses_a_port) {
  Socket one(AF_INET, SOCK_STREAM);
  show("listen", sys::listen(one.fd, 1));
  check("a port", port_of(one.fd) >= 1024);
  show("connect", connect_to(Socket(AF_INET, SOCK_STREAM).fd, inet_address(port_of(one.fd))));
  show("listen again", sys::listen(one.fd, 3));
  Socket datagrams(AF_INET, SOCK_DGRAM);
  show("datagrams", sys::listen(datagrams.fd, 1));
  show("accept datagrams", sys::accept(datagrams.fd, nullptr, nullptr));
  show("accept without listening", sys::accept(Socket(AF_INET, SOCK_STREAM).fd, nullptr, nullptr));
  Listener listener;
  Connection both(listener);
  show("a connection can't", sys::listen(both.client.fd, 1));
}

GUEST_CASE(inet_connect_without_waiting) {
  Listener listener;
  Socket client(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  const sockaddr_in to = inet_address(listener.port);
  show("connect", connect_to(client.fd, to));
  pollfd one{client.fd, POLLOUT, 0};
  show("poll", sys::poll(&one, 1, -1));
  show("events", one.revents);
  show("SO_ERROR", option(client.fd, SO_ERROR));
  show("connect", connect_to(client.fd, to));
  show("once more", connect_to(client.fd, to));
  show("send", send_text(client.fd, "x"));
}

GUEST_CASE(inet_refused_without_waiting) {
  Socket client(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  const sockaddr_in to = inet_address(unused_port());
  show("connect", connect_to(client.fd, to));
  show("events", events_of(client.fd));
  show("SO_ERROR", option(client.fd, SO_ERROR));
  show("SO_ERROR", option(client.fd, SO_ERROR));
  Socket other(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  show("connect", connect_to(other.fd, to));
  show("ask by connecting", connect_to(other.fd, to));
  show("and anew", connect_to(other.fd, to));
}

GUEST_CASE(inet_events) {
  Listener listener;
  Socket alone(AF_INET, SOCK_STREAM);
  show("alone", events_of(alone.fd));
  show("listening", events_of(listener.fd));
  Socket client(AF_INET, SOCK_STREAM);
  must("connect", connect_to(client.fd, inet_address(listener.port)));
  pollfd arrived{listener.fd, POLLIN, 0};
  show("somebody has come", sys::poll(&arrived, 1, -1));
  show("connected", events_of(client.fd));
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  send_text(client.fd, "x");
  show("a byte", events_of(server.fd));
  client.close();
  show("closed", events_of(server.fd));
}

GUEST_CASE(inet_orderly_end) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "last");
  both.client.close();
  show_receive("server", both.server.fd);
  show_receive("the end", both.server.fd);
  show_receive("still the end", both.server.fd);
  show("events", events_of(both.server.fd));
  show("the first send is taken", send_text(both.server.fd, "x"));
  show("the second is not", send_text(both.server.fd, "y"));
  show("events", events_of(both.server.fd));
  show_receive("receive", both.server.fd);
}

GUEST_CASE(inet_close_with_unread_bytes_is_a_reset) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "unread");
  both.server.close();
  show("events", events_of(both.client.fd));
  show_receive("client", both.client.fd);
  show_receive("then", both.client.fd);
  show("send", send_text(both.client.fd, "x"));
}

GUEST_CASE(inet_reset_by_linger) {
  Listener listener;
  Connection both(listener);
  close_with_reset(both.client);
  show("SO_ERROR", option(both.server.fd, SO_ERROR));
  show_receive("receive", both.server.fd);
  show("send", send_text(both.server.fd, "x"));
}

GUEST_CASE(inet_reset_meets_a_writer) {
  Listener listener;
  Connection both(listener);
  close_with_reset(both.client);
  show("send", send_text(both.server.fd, "x"));
  show("again", send_text(both.server.fd, "x"));
  show_child("without MSG_NOSIGNAL", [&] { send_text(both.server.fd, "x", 0); });
}

GUEST_CASE(inet_bytes_before_a_reset_are_read) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "before");
  close_with_reset(both.client);
  show_receive("server", both.server.fd);
  show_receive("then", both.server.fd);
  show_receive("then", both.server.fd);
}

GUEST_CASE(inet_reset_after_the_end) {
  Listener listener;
  Connection both(listener);
  must("shutdown", sys::shutdown(both.client.fd, SHUT_WR));
  show_receive("the end", both.server.fd);
  close_with_reset(both.client);
  show_receive("receive", both.server.fd);
  show("send", send_text(both.server.fd, "x"));
}

GUEST_CASE(inet_reader_is_woken_by_a_reset) {
  Listener listener;
  Connection both(listener);
  const int child = start_child([&] {
    both.client.close();
    show_receive("reader", both.server.fd);
  });
  wait_until_blocked(child);
  close_with_reset(both.client);
  wait_for(child);
}

GUEST_CASE(inet_shutdown_of_writing) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "last");
  show("shutdown", sys::shutdown(both.client.fd, SHUT_WR));
  show("send", send_text(both.client.fd, "x"));
  show_receive("server", both.server.fd);
  show_receive("the end", both.server.fd);
  show("the other way", send_text(both.server.fd, "answer"));
  show_receive("client", both.client.fd);
  show("events of the client", events_of(both.client.fd));
  show("events of the server", events_of(both.server.fd));
  show("the server, too", sys::shutdown(both.server.fd, SHUT_WR));
  show("events of the client", events_of(both.client.fd));
}

GUEST_CASE(inet_shutdown_of_reading) {
  Listener listener;
  Connection both(listener);
  show("shutdown", sys::shutdown(both.client.fd, SHUT_RD));
  show_receive("client", both.client.fd);
  show("the server may go on", send_text(both.server.fd, "late"));
  show_receive("and it arrives", both.client.fd);
  show("events", events_of(both.client.fd));
}

GUEST_CASE(inet_shutdown_errors) {
  Listener listener;
  Connection both(listener);
  show("no such half", sys::shutdown(both.client.fd, 3));
  show("without a connection", sys::shutdown(Socket(AF_INET, SOCK_STREAM).fd, SHUT_WR));
  show("not a socket", sys::shutdown(0, SHUT_WR));
  show("a connected one", sys::shutdown(both.client.fd, SHUT_RDWR));
}

GUEST_CASE(inet_without_a_connection) {
  Socket one(AF_INET, SOCK_STREAM);
  show("send", send_text(one.fd, "x"));
  show_receive("receive", one.fd);
  Listener listener;
  show("send to a listener", send_text(listener.fd, "x"));
  show_receive("receive from one", listener.fd);
  show_child("the signal", [&] { send_text(one.fd, "x", 0); });
}

GUEST_CASE(inet_accept_waits) {
  Listener listener;
  const int child = start_child([&] {
    Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
    show_receive("server", server.fd);
  });
  wait_until_blocked(child);
  Socket client(AF_INET, SOCK_STREAM);
  must("connect", connect_to(client.fd, inet_address(listener.port)));
  send_text(client.fd, "here");
  wait_for(child);
}

GUEST_CASE(inet_accept_is_interrupted_or_restarts) {
  Listener listener;
  int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    show("accept", sys::accept(listener.fd, nullptr, nullptr));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
  child = start_child([&] {
    handle(SIGUSR1, [](int) {}, SA_RESTART);
    check("accept", sys::accept(listener.fd, nullptr, nullptr) >= 0);
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_until_blocked(child);
  must("connect", connect_to(Socket(AF_INET, SOCK_STREAM).fd, inet_address(listener.port)));
  wait_for(child);
}

GUEST_CASE(inet_listener_closes_on_who_was_not_accepted) {
  Listener listener;
  Socket client(AF_INET, SOCK_STREAM);
  must("connect", connect_to(client.fd, inet_address(listener.port)));
  listener.close();
  show_receive("client", client.fd);
  show_receive("then", client.fd);
}

GUEST_CASE(inet_use_before_it_is_accepted) {
  Listener listener;
  Socket client(AF_INET, SOCK_STREAM);
  must("connect", connect_to(client.fd, inet_address(listener.port)));
  show("send", send_text(client.fd, "early"));
  client.close();
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  show_receive("server", server.fd);
  show_receive("the end", server.fd);
}

GUEST_CASE(inet_flags_of_accepted) {
  Listener listener;
  Socket client(AF_INET, SOCK_STREAM);
  must("connect", connect_to(client.fd, inet_address(listener.port)));
  Socket server(static_cast<int>(
      must("accept", sys::accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC))));
  show("close on exec", sys::fcntl(server.fd, F_GETFD));
  show_receive("it does not wait", server.fd);
  show("unknown flags", sys::accept4(listener.fd, nullptr, nullptr, 0x1234));
}

GUEST_CASE(inet_many_bytes) {
  Listener listener;
  Connection both(listener);
  constexpr long k_total = 1 << 20;
  static unsigned char block[10'000];
  const int child = start_child([&] {
    both.server.close();
    for (long sent = 0; sent < k_total;) {
      for (size_t i = 0; i < sizeof block; ++i)
        block[i] = static_cast<unsigned char>((sent + static_cast<long>(i)) * 7);
      const long left = k_total - sent;
      sent += must("write", sys::write(both.client.fd, block, left < 10'000 ? left : 10'000));
    }
  });
  both.client.close();
  long got = 0;
  bool same = true;
  for (;;) {
    const long count = must("read", sys::read(both.server.fd, block, 7'777));
    if (count == 0) break;
    for (long i = 0; i < count; ++i)
      same = same && block[i] == static_cast<unsigned char>((got + i) * 7);
    got += count;
  }
  wait_for(child);
  show("bytes", got);
  check("all as they were sent", same);
}

GUEST_CASE(inet_peek_trunc_and_dontwait) {
  Listener listener;
  Connection both(listener);
  show_receive("nothing", both.server.fd, 10, MSG_DONTWAIT);
  send_text(both.client.fd, "abcdef");
  show_receive("peek", both.server.fd, 4, MSG_PEEK);
  char room[4] = "...";
  show("thrown away", sys::recvfrom(both.server.fd, room, 3, MSG_TRUNC, nullptr, nullptr));
  say("untouched '{}'", static_cast<const char*>(room));
  show_receive("the rest", both.server.fd);
}

GUEST_CASE(inet_names_of_senders) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "x");
  char byte;
  sockaddr_in from{};
  int size = sizeof from;
  show("receive", sys::recvfrom(both.server.fd, &byte, 1, 0, &from, &size));
  show("size of the name", size);
  const sockaddr_in nowhere = inet_address(1);
  show("a name is ignored", sys::sendto(both.client.fd, "y", 1, 0, &nowhere, sizeof nowhere));
  show_receive("server", both.server.fd);
}

GUEST_CASE(inet_options) {
  Listener listener;
  Socket one(AF_INET, SOCK_STREAM);
  say("type {}, domain {}, protocol {}", option(one.fd, SO_TYPE), option(one.fd, SO_DOMAIN),
      option(one.fd, SO_PROTOCOL));
  say("listens {} {}", option(one.fd, SO_ACCEPTCONN), option(listener.fd, SO_ACCEPTCONN));
  for (const int name : {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST}) {
    const int before = option(one.fd, name);
    must("set", set_option(one.fd, name, 5));
    say("before {}, after {}", before, option(one.fd, name));
  }
  say("no delay: before {}", option(one.fd, TCP_NODELAY, 6));
  show("set", set_option(one.fd, TCP_NODELAY, 1, 6));
  say("after {}", option(one.fd, TCP_NODELAY, 6));
  int value = 0;
  int size = 4;
  show("unknown", sys::getsockopt(one.fd, SOL_SOCKET, 9999, &value, &size));
  show("unknown", sys::setsockopt(one.fd, 6, 9999, &value, 4));
  show("too short", sys::setsockopt(one.fd, SOL_SOCKET, SO_REUSEADDR, &value, 3));
  size = 2;
  show("cut", sys::getsockopt(one.fd, SOL_SOCKET, SO_TYPE, &value, &size));
  show("size", size);
  size = -1;
  show("below zero", sys::getsockopt(one.fd, SOL_SOCKET, SO_TYPE, &value, &size));
  show("a bad pointer", sys::getsockopt(one.fd, SOL_SOCKET, SO_TYPE, &value, k_bad_pointer));
  show("not a socket", sys::getsockopt(0, SOL_SOCKET, SO_TYPE, &value, &size));
}

GUEST_CASE(inet_unread_bytes) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "12345");
  pollfd one{both.server.fd, POLLIN, 0};
  must("poll", sys::poll(&one, 1, -1));
  int count = -1;
  show("FIONREAD", sys::ioctl(both.server.fd, FIONREAD, &count));
  show("bytes", count);
  show("of a listener", sys::ioctl(listener.fd, FIONREAD, &count));
}

GUEST_CASE(inet_socket_errors) {
  show("another protocol", sys::socket(AF_INET, SOCK_STREAM, 17));
  show("its own protocol", sys::close(static_cast<int>(sys::socket(AF_INET, SOCK_STREAM, 6))));
  show("of datagrams", sys::close(static_cast<int>(sys::socket(AF_INET, SOCK_DGRAM, 17))));
  show("no seqpackets", sys::socket(AF_INET, SOCK_SEQPACKET, 0));
}

}  // namespace weft::guest
