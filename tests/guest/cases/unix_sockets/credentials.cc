// SO_PASSCRED and SCM_CREDENTIALS: who has sent what.
#include "guest/support/process.hh"
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

constexpr int k_scm_credentials = 2;
constexpr int k_so_passcred = 16;

struct Credentials {
  int pid;
  uint32_t uid, gid;
};

struct Control {
  size_t length;
  int level;
  int type;
  Credentials credentials;
};

void set_wanted(int fd, int wanted) {
  must("SO_PASSCRED", sys::setsockopt(fd, SOL_SOCKET, k_so_passcred, &wanted, sizeof wanted));
}

long send_as(int fd, std::string_view text, const Credentials& credentials, size_t size = 12) {
  Control control{16 + size, SOL_SOCKET, k_scm_credentials, credentials};
  iovec part{const_cast<char*>(text.data()), text.size()};
  user_msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = &control;
  header.msg_controllen = sizeof control < control.length ? sizeof control : control.length;
  return sys::sendmsg(fd, &header, MSG_NOSIGNAL);
}

void receive(const char* what, int fd, size_t room = sizeof(Control)) {
  Control control{};
  char text[64];
  iovec part{text, sizeof text};
  user_msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = room == 0 ? nullptr : &control;
  header.msg_controllen = room;
  const long got = sys::recvmsg(fd, &header, MSG_DONTWAIT);
  if (got < 0) return show(what, got);
  const int own = static_cast<int>(sys::getpid());
  const int pid = control.credentials.pid;
  say("{}: '{}', flags {}, control length {} ({}), type {}", what,
      std::string_view(text, static_cast<size_t>(got)), header.msg_flags, header.msg_controllen,
      control.length, control.type);
  if (control.length == 28) {
    say("  from {}, user {}, group {}",
        pid == own ? "us"
        : pid == 0 ? "nobody"
                   : "another process",
        control.credentials.uid, control.credentials.gid);
  }
}

struct Ends {
  explicit Ends(int type) {
    int ends[2];
    must("socketpair", sys::socketpair(AF_UNIX, type, 0, ends));
    one.fd = ends[0];
    other.fd = ends[1];
  }
  Socket one{-1};
  Socket other{-1};
};

}  // namespace

GUEST_CASE(credentials_come_if_they_are_wanted) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
    Ends ends(type);
    sys::write(ends.one.fd, "first", 5);
    receive("unwanted", ends.other.fd);
    sys::write(ends.one.fd, "early", 5);
    set_wanted(ends.other.fd, 1);
    sys::write(ends.one.fd, "second", 6);
    receive("sent before they were wanted", ends.other.fd);
    receive("sent afterwards", ends.other.fd);
    show_child("child", [&] { sys::write(ends.one.fd, "third", 5); });
    sys::write(ends.one.fd, "fourth", 6);
    receive("from a child", ends.other.fd);
    receive("from us", ends.other.fd);
  }
}

GUEST_CASE(credentials_and_little_room) {
  Ends ends(SOCK_DGRAM);
  set_wanted(ends.other.fd, 1);
  for (const size_t room : {0, 8, 16, 20, 28, 32}) {
    sys::write(ends.one.fd, "x", 1);
    receive("room", ends.other.fd, room);
  }
}

GUEST_CASE(credentials_that_the_sender_says) {
  Ends ends(SOCK_DGRAM);
  set_wanted(ends.other.fd, 1);
  const int own = static_cast<int>(sys::getpid());
  show("our own", send_as(ends.one.fd, "x", {own, 0, 0}));
  receive("it", ends.other.fd);
  show("as another user", send_as(ends.one.fd, "x", {own, 5, 6}));
  receive("it", ends.other.fd);
  show("as nobody's process", send_as(ends.one.fd, "x", {12345678, 0, 0}));
  show("as no user", send_as(ends.one.fd, "x", {own, ~0u, 0}));
  show("too short", send_as(ends.one.fd, "x", {own, 0, 0}, 8));
  show("too long", send_as(ends.one.fd, "x", {own, 0, 0}, 16));
}

GUEST_CASE(credentials_of_a_stream_keep_senders_apart) {
  Ends ends(SOCK_STREAM);
  set_wanted(ends.other.fd, 1);
  sys::write(ends.one.fd, "a", 1);
  sys::write(ends.one.fd, "b", 1);
  show_child("child", [&] { sys::write(ends.one.fd, "c", 1); });
  char text[10];
  show("read", sys::read(ends.other.fd, text, sizeof text));
  show("read", sys::read(ends.other.fd, text, sizeof text));
}

GUEST_CASE(credentials_wanted_are_inherited_by_what_is_accepted) {
  Socket listener(AF_UNIX, SOCK_STREAM);
  const char name[] = "\1\0\0listener";
  must("bind", sys::bind(listener.fd, name, sizeof name - 1));
  must("listen", sys::listen(listener.fd, 5));
  set_wanted(listener.fd, 1);
  Socket client(AF_UNIX, SOCK_STREAM);
  must("connect", sys::connect(client.fd, name, sizeof name - 1));
  sys::write(client.fd, "early", 5);
  Socket server(static_cast<int>(must("accept", sys::accept4(listener.fd, nullptr, nullptr, 0))));
  int wanted = 0;
  int size = sizeof wanted;
  show("SO_PASSCRED", sys::getsockopt(server.fd, SOL_SOCKET, k_so_passcred, &wanted, &size));
  show("is", wanted);
  receive("sent before it was accepted", server.fd);
}

}  // namespace weft::guest
