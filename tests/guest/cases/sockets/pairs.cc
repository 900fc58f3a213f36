// socketpair: two ends, both directions.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

struct Pair {
  explicit Pair(int type = SOCK_STREAM) {
    must("make a pair", sys::socketpair(AF_UNIX, type, 0, ends));
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    sys::close(ends[0]);
    sys::close(ends[1]);
  }
  int ends[2];
};

}  // namespace

GUEST_CASE(socketpair_goes_both_ways) {
  Pair pair;
  show("write", sys::write(pair.ends[0], "there", 5));
  show_read("read", pair.ends[1]);
  show("write", sys::write(pair.ends[1], "back", 4));
  show_read("read", pair.ends[0]);
}

GUEST_CASE(socketpair_directions_do_not_mix) {
  Pair pair(SOCK_STREAM | SOCK_NONBLOCK);
  must("write", sys::write(pair.ends[0], "there", 5));
  show_read("the writer reads nothing of its own", pair.ends[0]);
}

GUEST_CASE(socketpair_stream_has_no_borders) {
  Pair pair;
  must("write", sys::write(pair.ends[0], "one", 3));
  must("write", sys::write(pair.ends[0], "two", 3));
  show_read("read", pair.ends[1]);
}

GUEST_CASE(socketpair_end_of_file_and_epipe) {
  Pair pair;
  ignore(SIGPIPE);
  must("write", sys::write(pair.ends[0], "last", 4));
  must("close", sys::close(pair.ends[0]));
  show_read("what was written", pair.ends[1]);
  show_read("the end", pair.ends[1]);
  show("write", sys::write(pair.ends[1], "x", 1));
}

GUEST_CASE(socketpair_sigpipe) {
  show_child("writer", [] {
    Pair pair;
    sys::close(pair.ends[0]);
    sys::write(pair.ends[1], "x", 1);
  });
}

GUEST_CASE(socketpair_between_parent_and_child) {
  Pair pair;
  const int child = start_child([&] {
    char room[16];
    const long count = sys::read(pair.ends[1], room, sizeof room);
    for (long at = 0; at < count; ++at) room[at] = static_cast<char>(room[at] - 32);
    sys::write(pair.ends[1], room, count);
  });
  wait_until_blocked(child);
  must("write", sys::write(pair.ends[0], "hello", 5));
  show_read("answer", pair.ends[0]);
  wait_for(child);
}

GUEST_CASE(socketpair_flags) {
  int ends[2];
  show("socketpair", sys::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
  show("descriptor flags", sys::fcntl(ends[0], F_GETFD) + sys::fcntl(ends[1], F_GETFD));
  check("they don't block", (sys::fcntl(ends[0], F_GETFL) & O_NONBLOCK) != 0);
  char byte;
  show("read", sys::read(ends[0], &byte, 1));
}

GUEST_CASE(socketpair_errors) {
  int ends[2];
  show("an unknown family", sys::socketpair(999, SOCK_STREAM, 0, ends));
  show("an unknown type", sys::socketpair(AF_UNIX, 9, 0, ends));
  show("an unknown protocol", sys::socketpair(AF_UNIX, SOCK_STREAM, 99, ends));
  show("a bad pointer", sys::socketpair(AF_UNIX, SOCK_STREAM, 0, k_bad_pointer));
  int next[2];
  must("pipe", sys::pipe(next));
  show("nothing was left open: the next is", next[0]);
}

GUEST_CASE(socketpair_poll) {
  Pair pair;
  pollfd one{pair.ends[1], POLLIN | POLLOUT, 0};
  show("empty", sys::poll(&one, 1, 0));
  show("events", one.revents);
  must("write", sys::write(pair.ends[0], "x", 1));
  show("a byte", sys::poll(&one, 1, 0));
  show("events", one.revents);
  sys::close(pair.ends[0]);
  show("closed", sys::poll(&one, 1, 0));
  show("events", one.revents);
}

GUEST_CASE(socketpair_is_a_socket) {
  Pair pair;
  struct stat status{};
  show("fstat", sys::fstat(pair.ends[0], &status));
  check("a socket", (status.st_mode & S_IFMT) == S_IFSOCK);
  show("lseek", sys::lseek(pair.ends[0], 0, SEEK_SET));
}

GUEST_CASE(socketpair_blocked_reader_is_interrupted) {
  Pair pair;
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    char byte;
    show("read", sys::read(pair.ends[0], &byte, 1));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
}

GUEST_CASE(socketpair_datagrams_keep_their_borders) {
  for (const int type : {SOCK_DGRAM, SOCK_SEQPACKET}) {
    Pair pair(type);
    must("write", sys::write(pair.ends[0], "one", 3));
    must("write", sys::write(pair.ends[0], "second", 6));
    show_read("the first", pair.ends[1]);
    show_read("two bytes of the second", pair.ends[1], 2);
    sys::fcntl(pair.ends[1], F_SETFL, O_NONBLOCK);
    show_read("the rest of it is gone", pair.ends[1]);
  }
}

GUEST_CASE(socketpair_end_by_type) {
  for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
    Pair pair(type);
    sys::close(pair.ends[0]);
    show_read("when the other end has closed", pair.ends[1]);
  }
}

GUEST_CASE(socketpair_closed_with_unread_bytes_is_a_reset) {
  Pair pair;
  must("write", sys::write(pair.ends[1], "unread", 6));
  must("close", sys::close(pair.ends[0]));
  show_read("first", pair.ends[1]);
  show_read("then", pair.ends[1]);
}

GUEST_CASE(socketpair_stream_blocks_when_it_is_full) {
  Pair pair;
  static char block[4096];
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    long total = 0;
    for (long count; (count = sys::write(pair.ends[0], block, sizeof block)) > 0;) total += count;
    return total >= 65'536 ? 1 : 2;
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  show_status("it took 64 KiB or more", wait_for(child));
}

}  // namespace weft::guest
