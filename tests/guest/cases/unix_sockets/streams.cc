// Unix streams: names, backlog, accept, the two directions and their ends.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

constexpr UnixAddress k_path("door");

struct Listener : Socket {
  explicit Listener(const UnixAddress& at = k_path, int backlog = 5, int type = SOCK_STREAM)
      : Socket(AF_UNIX, type) {
    must("bind", bind_to(fd, at));
    must("listen", sys::listen(fd, backlog));
  }
};

// A client and the server's end of it.
struct Connection {
  explicit Connection(Listener& listener, int type = SOCK_STREAM)
      : client(AF_UNIX, type), server(-1) {
    must("connect", connect_to(client.fd, k_path));
    server.fd = static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr)));
  }
  Socket client;
  Socket server;
};

}  // namespace

GUEST_CASE(unix_stream_by_path) {
  Listener listener;
  Connection both(listener);
  show("send", send_text(both.client.fd, "hello"));
  show_receive("server", both.server.fd);
  show("send", send_text(both.server.fd, "yes?"));
  show_receive("client", both.client.fd);
}

GUEST_CASE(unix_stream_by_abstract_name) {
  Listener listener(UnixAddress("@weft-case"));
  Socket client(AF_UNIX, SOCK_STREAM);
  show("connect", connect_to(client.fd, UnixAddress("@weft-case")));
  show("a part of the name is another",
       connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, UnixAddress("@weft-cas")));
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  send_text(client.fd, "x");
  show_receive("server", server.fd);
}

GUEST_CASE(unix_stream_between_processes) {
  Listener listener;
  const int child = start_child([] {
    Socket client(AF_UNIX, SOCK_STREAM);
    must("connect", connect_to(client.fd, k_path));
    send_text(client.fd, "from the child");
    show_receive("answer", client.fd);
  });
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  show_receive("server", server.fd);
  send_text(server.fd, "from the parent");
  wait_for(child);
}

GUEST_CASE(unix_the_name_is_a_file) {
  sys::umask(022);
  Listener listener;
  show_stat("the name", "door");
  show("open", sys::open("door", O_RDWR));
  listener.close();
  show_stat("it stays", "door");
  show("connect", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_path));
  show("bind again", bind_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_path));
  show("unlink", sys::unlink("door"));
  show("bind", bind_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_path));
}

GUEST_CASE(unix_renamed_name) {
  Listener listener;
  must("rename", sys::rename("door", "gate"));
  show("the old name", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_path));
  show("the new name", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, UnixAddress("gate")));
}

GUEST_CASE(unix_name_without_a_name) {
  Listener listener;
  must("unlink", sys::unlink("door"));
  show("connect", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_path));
}

GUEST_CASE(unix_through_a_link) {
  Listener listener;
  must("symlink", sys::symlink("door", "link"));
  show("connect", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, UnixAddress("link")));
  show("bind where a link is", bind_to(Socket(AF_UNIX, SOCK_STREAM).fd, UnixAddress("link")));
}

GUEST_CASE(unix_abstract_name_goes_with_its_socket) {
  {
    Listener listener(UnixAddress("@gone"));
    show("a second", bind_to(Socket(AF_UNIX, SOCK_STREAM).fd, UnixAddress("@gone")));
  }
  show("connect", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, UnixAddress("@gone")));
  show("bind", bind_to(Socket(AF_UNIX, SOCK_STREAM).fd, UnixAddress("@gone")));
}

GUEST_CASE(unix_bind_errors) {
  Socket one(AF_UNIX, SOCK_STREAM);
  show("in no folder", bind_to(one.fd, UnixAddress("none/door")));
  write_file("file", "");
  show("in a file", bind_to(one.fd, UnixAddress("file/door")));
  show("where a file is", bind_to(one.fd, UnixAddress("file")));
  show("too short", sys::bind(one.fd, &k_path.address, 1));
  show("too long", sys::bind(one.fd, &k_path.address, 111));
  show("another family", bind_to(one.fd, inet_address(80)));
  show("a bad pointer", sys::bind(one.fd, k_bad_pointer, 10));
  show("not a socket", sys::bind(0, &k_path.address, k_path.size));
  show("not open", sys::bind(99, &k_path.address, k_path.size));
  show("bind", bind_to(one.fd, k_path));
  show("a second name", bind_to(one.fd, UnixAddress("other")));
}

GUEST_CASE(unix_connect_errors) {
  Socket one(AF_UNIX, SOCK_STREAM);
  show("no such name", connect_to(one.fd, k_path));
  write_file("file", "");
  show("a file", connect_to(one.fd, UnixAddress("file")));
  show("no such abstract name", connect_to(one.fd, UnixAddress("@nobody")));
  show("an empty name", sys::connect(one.fd, &k_path.address, 2));
  show("another family", connect_to(one.fd, inet_address(80)));
  Socket deaf(AF_UNIX, SOCK_STREAM);
  must("bind", bind_to(deaf.fd, k_path));
  show("nobody listens", connect_to(one.fd, k_path));
  Socket other_type(AF_UNIX, SOCK_DGRAM);
  show("another type", connect_to(other_type.fd, k_path));
}

GUEST_CASE(unix_connect_twice) {
  Listener listener;
  Connection both(listener);
  show("again", connect_to(both.client.fd, k_path));
  show("the server's end", connect_to(both.server.fd, k_path));
  show("the listener", connect_to(listener.fd, k_path));
}

GUEST_CASE(unix_listen_errors) {
  Socket one(AF_UNIX, SOCK_STREAM);
  show("without a name", sys::listen(one.fd, 1));
  Socket datagrams(AF_UNIX, SOCK_DGRAM);
  must("bind", bind_to(datagrams.fd, k_path));
  show("datagrams", sys::listen(datagrams.fd, 1));
  show("accept datagrams", sys::accept(datagrams.fd, nullptr, nullptr));
  show("accept without listening", sys::accept(one.fd, nullptr, nullptr));
  show("not a socket", sys::listen(0, 1));
  show("unknown flags", sys::accept4(one.fd, nullptr, nullptr, 1));
  Listener listener(UnixAddress("other"));
  show("listen again", sys::listen(listener.fd, 3));
}

GUEST_CASE(unix_backlog) {
  Listener listener(k_path, 1);
  Socket first(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
  Socket second(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
  Socket third(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
  show("first", connect_to(first.fd, k_path));
  show("second", connect_to(second.fd, k_path));
  show("third", connect_to(third.fd, k_path));
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  show("third again", connect_to(third.fd, k_path));
}

GUEST_CASE(unix_connect_waits_for_room) {
  Listener listener(k_path, 0);
  Socket first(AF_UNIX, SOCK_STREAM);
  must("connect", connect_to(first.fd, k_path));
  const int child =
      start_child([] { show("connect", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_path)); });
  wait_until_blocked(child);
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  wait_for(child);
}

GUEST_CASE(unix_listener_closes_on_who_waits) {
  Listener listener(k_path, 0);
  Socket first(AF_UNIX, SOCK_STREAM);
  must("connect", connect_to(first.fd, k_path));
  const int child = start_child([&] {
    sys::close(listener.fd);
    show("connect", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_path));
  });
  wait_until_blocked(child);
  listener.close();
  wait_for(child);
  show_receive("who was not accepted", first.fd);
  show_receive("again", first.fd);
}

GUEST_CASE(unix_use_before_it_is_accepted) {
  Listener listener;
  Socket client(AF_UNIX, SOCK_STREAM);
  must("connect", connect_to(client.fd, k_path));
  show("send", send_text(client.fd, "early"));
  client.close();
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  show_receive("server", server.fd);
  show_receive("the end", server.fd);
}

GUEST_CASE(unix_accept_waits) {
  Listener listener;
  const int child = start_child([&] {
    Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
    show_receive("server", server.fd);
  });
  wait_until_blocked(child);
  Socket client(AF_UNIX, SOCK_STREAM);
  must("connect", connect_to(client.fd, k_path));
  send_text(client.fd, "here");
  wait_for(child);
}

GUEST_CASE(unix_accept_is_interrupted) {
  Listener listener;
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    show("accept", sys::accept(listener.fd, nullptr, nullptr));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
}

GUEST_CASE(unix_accept_flags) {
  Listener listener;
  sys::fcntl(listener.fd, F_SETFL, O_NONBLOCK);
  show("nobody", sys::accept(listener.fd, nullptr, nullptr));
  Socket client(AF_UNIX, SOCK_STREAM);
  must("connect", connect_to(client.fd, k_path));
  Socket server(static_cast<int>(
      must("accept", sys::accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC))));
  show("close on exec", sys::fcntl(server.fd, F_GETFD));
  show_receive("it does not wait", server.fd);
  Socket other(AF_UNIX, SOCK_STREAM);
  must("connect", connect_to(other.fd, k_path));
  Socket plain(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  check("not inherited", (sys::fcntl(plain.fd, F_GETFL) & O_NONBLOCK) == 0);
}

GUEST_CASE(unix_shutdown_of_writing) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "last");
  show("shutdown", sys::shutdown(both.client.fd, SHUT_WR));
  show("send", send_text(both.client.fd, "x"));
  show_receive("server", both.server.fd);
  show_receive("the end", both.server.fd);
  show("the other way", send_text(both.server.fd, "still"));
  show_receive("client", both.client.fd);
  show("events of the server", events_of(both.server.fd));
  show("events of the client", events_of(both.client.fd));
}

GUEST_CASE(unix_shutdown_of_reading) {
  Listener listener;
  Connection both(listener);
  send_text(both.server.fd, "before");
  show("shutdown", sys::shutdown(both.client.fd, SHUT_RD));
  show_receive("what was there", both.client.fd);
  show_receive("then", both.client.fd);
  show("the other end", send_text(both.server.fd, "x"));
  show("the other way", send_text(both.client.fd, "still"));
  show("events of the server", events_of(both.server.fd));
}

GUEST_CASE(unix_shutdown_of_both) {
  Listener listener;
  Connection both(listener);
  show("shutdown", sys::shutdown(both.client.fd, SHUT_RDWR));
  show_receive("server", both.server.fd);
  show("server", send_text(both.server.fd, "x"));
  show("events", events_of(both.server.fd));
  show("again", sys::shutdown(both.client.fd, SHUT_RDWR));
  show("no such half", sys::shutdown(both.client.fd, 3));
  show("without a connection", sys::shutdown(Socket(AF_UNIX, SOCK_STREAM).fd, SHUT_WR));
}

GUEST_CASE(unix_shutdown_wakes_a_reader) {
  Listener listener;
  Connection both(listener);
  const int child = start_child([&] { show_receive("reader", both.server.fd); });
  wait_until_blocked(child);
  must("shutdown", sys::shutdown(both.client.fd, SHUT_WR));
  wait_for(child);
}

GUEST_CASE(unix_close_with_unread_bytes) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "unread");
  both.server.close();
  show("events", events_of(both.client.fd));
  show_receive("a reset", both.client.fd);
  show_receive("then the end", both.client.fd);
  show("send", send_text(both.client.fd, "x"));
}

GUEST_CASE(unix_error_is_told_once) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "unread");
  both.server.close();
  show("SO_ERROR", option(both.client.fd, SO_ERROR));
  show("SO_ERROR", option(both.client.fd, SO_ERROR));
  show_receive("read", both.client.fd);
}

GUEST_CASE(unix_sigpipe_and_nosignal) {
  Listener listener;
  Connection both(listener);
  both.server.close();
  show("MSG_NOSIGNAL", send_text(both.client.fd, "x"));
  show_child("without", [&] { send_text(both.client.fd, "x", 0); });
}

GUEST_CASE(unix_events) {
  Listener listener;
  Socket client(AF_UNIX, SOCK_STREAM);
  show("alone", events_of(client.fd));
  show("listening", events_of(listener.fd));
  must("connect", connect_to(client.fd, k_path));
  show("somebody has come", events_of(listener.fd));
  show("connected", events_of(client.fd));
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  send_text(client.fd, "x");
  show("a byte", events_of(server.fd));
  client.close();
  show("closed", events_of(server.fd));
}

GUEST_CASE(unix_without_a_connection) {
  Socket one(AF_UNIX, SOCK_STREAM);
  show("send", send_text(one.fd, "x"));
  show_receive("receive", one.fd);
  sockaddr_un name{};
  int size = sizeof name;
  show("peer", sys::getpeername(one.fd, &name, &size));
  Listener listener;
  show("send to a listener", send_text(listener.fd, "x"));
  show_receive("receive from one", listener.fd);
}

GUEST_CASE(unix_names) {
  Listener listener;
  Connection both(listener);
  const auto show_name = [](const char* what, int fd, bool is_peer) {
    sockaddr_un name{};
    int size = sizeof name;
    const long result =
        is_peer ? sys::getpeername(fd, &name, &size) : sys::getsockname(fd, &name, &size);
    if (result < 0) return show(what, result);
    say("{}: size {}, family {}, '{}'", what, size, name.sun_family, name.sun_path);
  };
  show_name("listener", listener.fd, false);
  show_name("server", both.server.fd, false);
  show_name("client", both.client.fd, false);
  show_name("the server's peer", both.server.fd, true);
  show_name("the client's peer", both.client.fd, true);
  Socket named(AF_UNIX, SOCK_STREAM);
  must("bind", bind_to(named.fd, UnixAddress("client")));
  must("connect", connect_to(named.fd, k_path));
  sockaddr_un name{};
  int size = sizeof name;
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, &name, &size))));
  say("accepted from: size {}, '{}'", size, name.sun_path);
  size = 5;
  sockaddr_un cut{};
  must("getpeername", sys::getpeername(server.fd, &cut, &size));
  say("cut: size {}, '{}'", size, cut.sun_path);
}

GUEST_CASE(unix_a_name_is_chosen) {
  Socket one(AF_UNIX, SOCK_STREAM);
  sockaddr_un wanted{AF_UNIX, {}};
  show("bind to nothing", sys::bind(one.fd, &wanted, 2));
  sockaddr_un name{};
  int size = sizeof name;
  must("getsockname", sys::getsockname(one.fd, &name, &size));
  say("size {}", size);
  check("abstract", name.sun_path[0] == '\0');
  must("listen", sys::listen(one.fd, 1));
  show("connect", sys::connect(Socket(AF_UNIX, SOCK_STREAM).fd, &name, size));
}

GUEST_CASE(unix_credentials) {
  Listener listener;
  const int child = start_child([] {
    Socket client(AF_UNIX, SOCK_STREAM);
    must("connect", connect_to(client.fd, k_path));
    int seen[3];
    int size = sizeof seen;
    must("SO_PEERCRED", sys::getsockopt(client.fd, SOL_SOCKET, SO_PEERCRED, seen, &size));
    check("the listener is the parent", seen[0] == sys::getppid());
    char byte;
    sys::read(client.fd, &byte, 1);
  });
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  int seen[3];
  int size = sizeof seen;
  wait_until_blocked(child);
  must("SO_PEERCRED", sys::getsockopt(server.fd, SOL_SOCKET, SO_PEERCRED, seen, &size));
  check("the client is the child", seen[0] == child);
  say("user {}, group {}, size {}", seen[1], seen[2], size);
  server.close();
  wait_for(child);
  must("SO_PEERCRED", sys::getsockopt(listener.fd, SOL_SOCKET, SO_PEERCRED, seen, &size));
  say("of a listener: user {}", seen[1]);
  Socket alone(AF_UNIX, SOCK_STREAM);
  must("SO_PEERCRED", sys::getsockopt(alone.fd, SOL_SOCKET, SO_PEERCRED, seen, &size));
  say("of nobody: process {}, user {}", seen[0], seen[1]);
}

GUEST_CASE(unix_peek_and_waitall) {
  Listener listener;
  Connection both(listener);
  send_text(both.client.fd, "one");
  send_text(both.client.fd, "two");
  show_receive("peek", both.server.fd, 100, MSG_PEEK);
  show_receive("peek again", both.server.fd, 4, MSG_PEEK);
  show_receive("read", both.server.fd, 4);
  const int child = start_child([&] { show_receive("all six", both.server.fd, 6, MSG_WAITALL); });
  wait_until_blocked(child);
  send_text(both.client.fd, "1234");
  wait_for(child);
  send_text(both.client.fd, "end");
  both.client.close();
  show_receive("fewer, at the end", both.server.fd, 10, MSG_WAITALL);
}

GUEST_CASE(unix_dontwait) {
  Listener listener;
  Connection both(listener);
  show_receive("receive", both.server.fd, 10, MSG_DONTWAIT);
  static char block[4096];
  long sent = 0;
  while (sys::sendto(both.client.fd, block, sizeof block, MSG_DONTWAIT, nullptr, 0) > 0) ++sent;
  check("it filled up", sent > 10);
  show("then", sys::sendto(both.client.fd, block, 1, MSG_DONTWAIT, nullptr, 0));
  show("events", events_of(both.client.fd));
}

GUEST_CASE(unix_writer_waits_for_room) {
  Listener listener;
  Connection both(listener);
  static char block[4096];
  long sent = 0;
  long count;
  while ((count = sys::sendto(both.client.fd, block, sizeof block, MSG_DONTWAIT, nullptr, 0)) > 0)
    sent += count;
  const int child =
      start_child([&] { show("late", sys::write(both.client.fd, block, sizeof block)); });
  wait_until_blocked(child);
  long got = 0;
  while (got < sent + 4096) got += must("read", sys::read(both.server.fd, block, sizeof block));
  wait_for(child);
  check("all came", got == sent + 4096);
}

GUEST_CASE(unix_time_limits) {
  Listener listener;
  Connection both(listener);
  timeval limit{0, 20'000};
  show("set", sys::setsockopt(both.server.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  show_receive("nothing came in time", both.server.fd);
  timeval told{};
  int size = sizeof told;
  show("get", sys::getsockopt(both.server.fd, SOL_SOCKET, SO_RCVTIMEO, &told, &size));
  check("as it was set", told.tv_sec == 0 && told.tv_usec == 20'000);
  show("set", sys::setsockopt(listener.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  show("nobody came in time", sys::accept(listener.fd, nullptr, nullptr));
}

GUEST_CASE(unix_options) {
  Socket one(AF_UNIX, SOCK_SEQPACKET);
  say("type {}, domain {}, protocol {}", option(one.fd, SO_TYPE), option(one.fd, SO_DOMAIN),
      option(one.fd, SO_PROTOCOL));
  say("listens {}, error {}", option(one.fd, SO_ACCEPTCONN), option(one.fd, SO_ERROR));
  must("bind", bind_to(one.fd, k_path));
  must("listen", sys::listen(one.fd, 1));
  say("listens {}", option(one.fd, SO_ACCEPTCONN));
  int value = 0;
  int size = 4;
  show("unknown", sys::getsockopt(one.fd, SOL_SOCKET, 9999, &value, &size));
  show("unknown", sys::setsockopt(one.fd, SOL_SOCKET, 9999, &value, 4));
  show("read only", sys::setsockopt(one.fd, SOL_SOCKET, SO_TYPE, &value, 4));
  show("another level", sys::getsockopt(one.fd, 6, 1, &value, &size));
  show("too short", sys::setsockopt(one.fd, SOL_SOCKET, SO_REUSEADDR, &value, 2));
  show("a bad pointer", sys::setsockopt(one.fd, SOL_SOCKET, SO_REUSEADDR, k_bad_pointer, 4));
  show("set", set_option(one.fd, SO_SNDBUF, 10'000));
  say("twice as much {}", option(one.fd, SO_SNDBUF));
}

GUEST_CASE(unix_linger_does_not_matter) {
  Listener listener;
  Connection both(listener);
  struct {
    int on, seconds;
  } linger{1, 0}, told{};
  show("set", sys::setsockopt(both.client.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  int size = sizeof told;
  must("get", sys::getsockopt(both.client.fd, SOL_SOCKET, SO_LINGER, &told, &size));
  say("on {}, {} seconds", told.on, told.seconds);
  both.client.close();
  show_receive("server", both.server.fd);
}

GUEST_CASE(unix_socket_errors) {
  show("an unknown family", sys::socket(999, SOCK_STREAM, 0));
  show("an unknown type", sys::socket(AF_UNIX, 9, 0));
  show("no type at all", sys::socket(AF_UNIX, 99, 0));
  show("an unknown protocol", sys::socket(AF_UNIX, SOCK_STREAM, 99));
  show("its own protocol", sys::close(static_cast<int>(sys::socket(AF_UNIX, SOCK_STREAM, 1))));
  int ends[2];
  show("no pairs of these", sys::socketpair(AF_INET, SOCK_STREAM, 0, ends));
}

}  // namespace weft::guest
