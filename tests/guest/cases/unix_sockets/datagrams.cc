// Unix datagrams and seqpackets: borders, names of senders, full queues, and what a closed end means.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

constexpr UnixAddress k_here("here");
constexpr UnixAddress k_there("there");

struct Bound : Socket {
  explicit Bound(const UnixAddress& at, int type = SOCK_DGRAM) : Socket(AF_UNIX, type) {
    must("bind", bind_to(fd, at));
  }
};

long send_to(int fd, const UnixAddress& to, std::string_view text) {
  return sys::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL, &to.address, to.size);
}

void show_datagram(const char* what, int fd, size_t room = 100, int flags = 0) {
  char text[100];
  sockaddr_un from{};
  int size = sizeof from;
  const long got = sys::recvfrom(fd, text, room, flags, &from, &size);
  if (got < 0) return show(what, got);
  const size_t shown = static_cast<size_t>(got) < room ? static_cast<size_t>(got) : room;
  say("{}: {} '{}' from '{}', size {}", what, got, std::string_view(text, shown), from.sun_path,
      size);
}

}  // namespace

GUEST_CASE(unix_datagrams_by_name) {
  Bound here(k_here);
  Bound there(k_there);
  show("send", send_to(here.fd, k_there, "one"));
  show("send", send_to(here.fd, k_there, "second"));
  show_datagram("first", there.fd);
  show_datagram("second", there.fd);
}

GUEST_CASE(unix_datagram_without_a_name) {
  Bound there(k_there);
  Socket nameless(AF_UNIX, SOCK_DGRAM);
  show("send", send_to(nameless.fd, k_there, "x"));
  show_datagram("receive", there.fd);
}

GUEST_CASE(unix_datagram_is_cut) {
  Bound here(k_here);
  show("send", send_to(here.fd, k_here, "0123456789"));
  show_datagram("peek", here.fd, 3, MSG_PEEK);
  show_datagram("full size", here.fd, 3, MSG_PEEK | MSG_TRUNC);
  show_datagram("cut", here.fd, 3);
  show_datagram("the rest is gone", here.fd, 3, MSG_DONTWAIT);
}

GUEST_CASE(unix_datagram_cut_is_told) {
  Bound here(k_here);
  send_to(here.fd, k_here, "0123456789");
  char room[4];
  iovec part{room, sizeof room};
  user_msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  show("recvmsg", sys::recvmsg(here.fd, &header, 0));
  show("flags", header.msg_flags);
}

GUEST_CASE(unix_empty_datagram) {
  Bound here(k_here);
  show("send", send_to(here.fd, k_here, ""));
  show_datagram("receive", here.fd);
  show_datagram("no more", here.fd, 10, MSG_DONTWAIT);
}

GUEST_CASE(unix_connected_datagrams) {
  Bound here(k_here);
  Bound there(k_there);
  show("connect", connect_to(here.fd, k_there));
  show("send", send_text(here.fd, "to my peer"));
  show_datagram("receive", there.fd);
  show("write", sys::write(here.fd, "more", 4));
  show_receive("receive", there.fd);
  show("not the other way", send_text(there.fd, "x"));
  show("by name it goes", send_to(there.fd, k_here, "back"));
  show_datagram("receive", here.fd);
  show("others may not", send_to(Socket(AF_UNIX, SOCK_DGRAM).fd, k_here, "x"));
  sockaddr_un nobody{AF_UNSPEC, {}};
  show("disconnect", sys::connect(here.fd, &nobody, 2));
  show("send", send_text(here.fd, "x"));
}

GUEST_CASE(unix_datagram_errors) {
  Socket one(AF_UNIX, SOCK_DGRAM);
  show("to nobody", send_text(one.fd, "x"));
  show("no such name", send_to(one.fd, k_there, "x"));
  Bound stream(k_here, SOCK_STREAM);
  show("a stream's name", send_to(one.fd, k_here, "x"));
  {
    Bound there(k_there);
    must("connect", connect_to(one.fd, k_there));
  }
  show("the peer has closed", send_text(one.fd, "x"));
  show("it is forgotten", send_text(one.fd, "x"));
  show("its name is still there", send_to(one.fd, k_there, "x"));
  static char large[300'000];
  show("too large", sys::sendto(one.fd, large, sizeof large, 0, &k_there.address, k_there.size));
}

GUEST_CASE(unix_full_datagram_queue) {
  Bound there(k_there);
  Socket one(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK);
  long sent = 0;
  while (send_to(one.fd, k_there, "x") == 1) ++sent;
  show("so many", sent);
  show("then", send_to(one.fd, k_there, "x"));
  show_datagram("receive", there.fd);
  show("one more", send_to(one.fd, k_there, "x"));
}

GUEST_CASE(unix_datagram_sender_waits) {
  Bound there(k_there);
  Socket one(AF_UNIX, SOCK_DGRAM);
  for (int i = 0; i < 11; ++i) must("send", send_to(one.fd, k_there, "x"));
  const int child = start_child([&] { show("late", send_to(one.fd, k_there, "late")); });
  wait_until_blocked(child);
  char room[8];
  must("read", sys::read(there.fd, room, sizeof room));
  wait_for(child);
}

GUEST_CASE(unix_datagram_reader_waits) {
  Bound there(k_there);
  const int child = start_child([&] { show_datagram("receive", there.fd); });
  wait_until_blocked(child);
  Bound here(k_here);
  send_to(here.fd, k_there, "at last");
  wait_for(child);
}

GUEST_CASE(unix_datagram_shutdown) {
  Bound here(k_here);
  Bound there(k_there);
  must("connect", connect_to(here.fd, k_there));
  show("writing", sys::shutdown(here.fd, SHUT_WR));
  show("send", send_text(here.fd, "x"));
  show("reading", sys::shutdown(there.fd, SHUT_RD));
  Socket other(AF_UNIX, SOCK_DGRAM);
  show("to who is deaf", send_to(other.fd, k_there, "x"));
  show_receive("receive", there.fd);
  show_receive("without waiting", there.fd, 10, MSG_DONTWAIT);
}

GUEST_CASE(unix_datagram_events) {
  Bound here(k_here);
  show("empty", events_of(here.fd));
  send_to(here.fd, k_here, "x");
  show("something is there", events_of(here.fd));
  sys::shutdown(here.fd, SHUT_RDWR);
  show("shut", events_of(here.fd));
}

GUEST_CASE(unix_seqpackets) {
  Bound listener(k_here, SOCK_SEQPACKET);
  must("listen", sys::listen(listener.fd, 3));
  Socket client(AF_UNIX, SOCK_SEQPACKET);
  show("a stream can't", connect_to(Socket(AF_UNIX, SOCK_STREAM).fd, k_here));
  show("send before", send_text(client.fd, "x"));
  show_receive("receive before", client.fd);
  show("connect", connect_to(client.fd, k_here));
  Socket server(static_cast<int>(must("accept", sys::accept(listener.fd, nullptr, nullptr))));
  send_text(client.fd, "one");
  send_text(client.fd, "second");
  show("another name is ignored", send_to(client.fd, k_there, "third"));
  show_receive("first", server.fd);
  show_receive("cut", server.fd, 2);
  show_receive("third", server.fd);
  client.close();
  show_receive("the end", server.fd);
  show("send", send_text(server.fd, "x"));
  show("events", events_of(server.fd));
}

GUEST_CASE(unix_stream_takes_no_name) {
  Socket one(AF_UNIX, SOCK_STREAM);
  show("alone", send_to(one.fd, k_here, "x"));
  int ends[2];
  must("pair", sys::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  show("connected", send_to(ends[0], k_here, "x"));
}

GUEST_CASE(unix_several_parts) {
  int ends[2];
  must("pair", sys::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
  char one[] = "ab", two[] = "cdef";
  iovec parts[] = {{one, 2}, {two, 4}};
  user_msghdr header{};
  header.msg_iov = parts;
  header.msg_iovlen = 2;
  show("sendmsg", sys::sendmsg(ends[0], &header, 0));
  char first[4] = {}, second[10] = {};
  iovec places[] = {{first, 3}, {second, 9}};
  header.msg_iov = places;
  show("recvmsg", sys::recvmsg(ends[1], &header, 0));
  say("'{}' '{}'", static_cast<const char*>(first), static_cast<const char*>(second));
  header.msg_iovlen = 1025;
  show("too many parts", sys::sendmsg(ends[0], &header, 0));
  header.msg_iovlen = 1;
  header.msg_iov = reinterpret_cast<iovec*>(k_bad_pointer);
  show("a bad pointer", sys::sendmsg(ends[0], &header, 0));
  show("a bad pointer", sys::recvmsg(ends[0], k_bad_pointer, 0));
}

}  // namespace weft::guest
