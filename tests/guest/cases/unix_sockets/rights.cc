// SCM_RIGHTS: open files that go from one process to another beside the bytes.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/socket.hh"

namespace weft::guest {
namespace {

struct Pair {
  explicit Pair(int type = SOCK_STREAM) { must("pair", sys::socketpair(AF_UNIX, type, 0, ends)); }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    close(0);
    close(1);
  }
  void close(int end) {
    if (ends[end] >= 0) sys::close(ends[end]);
    ends[end] = -1;
  }
  int ends[2];
};

struct Control {
  size_t length;
  int level;
  int type;
  int files[300];
};

long send_files(int fd, std::string_view text, std::span<const int> files, int type = SCM_RIGHTS) {
  static Control control;
  control.length = 16 + files.size() * 4;
  control.level = SOL_SOCKET;
  control.type = type;
  for (size_t i = 0; i < files.size(); ++i) control.files[i] = files[i];
  iovec part{const_cast<char*>(text.data()), text.size()};
  user_msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = &control;
  header.msg_controllen = control.length;
  return sys::sendmsg(fd, &header, MSG_NOSIGNAL);
}

long send_file(int fd, std::string_view text, int file) {
  const int files[] = {file};
  return send_files(fd, text, files);
}

// What came: bytes, flags, and how many files; the first of them.
int receive(const char* what, int fd, size_t room = 64, size_t files = 300, int flags = 0) {
  static Control control;
  control = {};
  char text[64];
  iovec part{text, room};
  user_msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = files == 0 ? nullptr : &control;
  header.msg_controllen = files == 0 ? 0 : 16 + files * 4;
  const long got = sys::recvmsg(fd, &header, flags);
  if (got < 0) {
    show(what, got);
    return -1;
  }
  const size_t count = header.msg_controllen == 0 ? 0 : (control.length - 16) / 4;
  say("{}: '{}', flags {}, {} files, control length {}", what,
      std::string_view(text, static_cast<size_t>(got)), header.msg_flags, count,
      header.msg_controllen);
  return count == 0 ? -1 : control.files[0];
}

}  // namespace

GUEST_CASE(rights_a_pipe_goes_along) {
  Pair pair;
  Pipe pipe;
  show("send", send_file(pair.ends[0], "take", pipe.writer));
  pipe.close_writer();
  const int writer = receive("receive", pair.ends[1]);
  show("write", sys::write(writer, "through", 7));
  show_read("read", pipe.reader);
  sys::close(writer);
  show_read("the end", pipe.reader);
}

GUEST_CASE(rights_to_another_process) {
  Pair pair;
  const int child = start_child([&] {
    const int file = receive("child", pair.ends[1]);
    show_read("what the file says", file);
  });
  write_file("secret", "contents");
  const int file = open_or_end("secret", O_RDONLY);
  must("send", send_file(pair.ends[0], "f", file));
  wait_for(child);
}

GUEST_CASE(rights_share_the_position) {
  Pair pair;
  write_file("file", "abcdef");
  const int file = open_or_end("file", O_RDONLY);
  must("send", send_file(pair.ends[0], "f", file));
  const int same = receive("receive", pair.ends[1]);
  show_read("two bytes", file, 2);
  show_read("two more", same, 2);
}

GUEST_CASE(rights_several) {
  Pair pair;
  Pipe pipe;
  const int files[] = {pipe.reader, pipe.writer, 1};
  show("send", send_files(pair.ends[0], "three", files));
  receive("receive", pair.ends[1]);
}

GUEST_CASE(rights_close_on_exec) {
  Pair pair;
  must("send", send_file(pair.ends[0], "f", 1));
  const int file = receive("receive", pair.ends[1], 64, 10, MSG_CMSG_CLOEXEC);
  show("flag", sys::fcntl(file, F_GETFD));
  must("send", send_file(pair.ends[0], "f", 1));
  show("flag", sys::fcntl(receive("receive", pair.ends[1]), F_GETFD));
}

GUEST_CASE(rights_no_room_for_them) {
  Pair pair;
  Pipe pipe;
  must("send", send_file(pair.ends[0], "f", pipe.writer));
  pipe.close_writer();
  receive("receive", pair.ends[1], 64, 0);
  show_read("the file is closed", pipe.reader);
  const int files[] = {0, 1, 2};
  must("send", send_files(pair.ends[0], "f", files));
  receive("room for two", pair.ends[1], 64, 2);
}

GUEST_CASE(rights_read_lets_them_go) {
  Pair pair;
  Pipe pipe;
  must("send", send_file(pair.ends[0], "text", pipe.writer));
  pipe.close_writer();
  show_read("read", pair.ends[1]);
  show_read("the file is closed", pipe.reader);
}

GUEST_CASE(rights_closing_lets_them_go) {
  Pair pair;
  Pipe pipe;
  must("send", send_file(pair.ends[0], "text", pipe.writer));
  pipe.close_writer();
  pair.close(1);
  show_read("the file is closed", pipe.reader);
}

GUEST_CASE(rights_stay_with_their_bytes) {
  Pair pair;
  must("write", sys::write(pair.ends[0], "before", 6));
  must("send", send_file(pair.ends[0], "with", 1));
  must("write", sys::write(pair.ends[0], "after", 5));
  sys::close(receive("up to the files", pair.ends[1]));
  receive("then", pair.ends[1]);
}

GUEST_CASE(rights_come_with_the_first_byte) {
  Pair pair;
  must("send", send_file(pair.ends[0], "with", 1));
  sys::close(receive("two bytes", pair.ends[1], 2));
  receive("the rest", pair.ends[1]);
}

GUEST_CASE(rights_peek_gives_them_too) {
  Pair pair;
  must("send", send_file(pair.ends[0], "with", 1));
  const int first = receive("peek", pair.ends[1], 64, 300, MSG_PEEK);
  const int second = receive("read", pair.ends[1]);
  check("two descriptors", first >= 0 && second >= 0 && first != second);
}

GUEST_CASE(rights_with_messages) {
  Pair pair(SOCK_SEQPACKET);
  must("send", send_file(pair.ends[0], "with", 1));
  must("send", send_text(pair.ends[0], "without"));
  receive("first", pair.ends[1]);
  receive("second", pair.ends[1]);
}

GUEST_CASE(rights_errors) {
  Pair pair;
  show("not open", send_file(pair.ends[0], "f", 99));
  static int many[254];
  show("too many", send_files(pair.ends[0], "f", many));
  show("the most", send_files(pair.ends[0], "f", std::span<const int>(many, 253)));
  const int none[] = {0};
  show("another type", send_files(pair.ends[0], "f", none, 9));
  user_msghdr header{};
  size_t control[2] = {8, 0};
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  show("shorter than its head", sys::sendmsg(pair.ends[0], &header, 0));
  control[0] = 100;
  show("longer than all", sys::sendmsg(pair.ends[0], &header, 0));
}

GUEST_CASE(rights_to_a_closed_end) {
  Pair pair;
  Pipe pipe;
  pair.close(1);
  show("send", send_file(pair.ends[0], "f", pipe.writer));
  pipe.close_writer();
  show_read("the file is closed", pipe.reader);
}

GUEST_CASE(rights_a_socket_inside_a_socket) {
  Pair outer;
  Pair inner;
  must("send", send_file(outer.ends[0], "x", inner.ends[1]));
  inner.close(1);
  must("write", sys::write(inner.ends[0], "kept", 4));
  outer.close(1);
  show_receive("its other end", inner.ends[0]);
}

GUEST_CASE(rights_sockets_in_a_chain) {
  int last = -1;
  for (int i = 0; i < 3; ++i) {
    int ends[2];
    must("pair", sys::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    if (last >= 0) {
      must("send", send_file(ends[0], "x", last));
      sys::close(last);
    }
    sys::close(ends[0]);
    last = ends[1];
  }
  show("all go with the last", sys::close(last));
}

// Both ends are on their way to themselves: nobody can ever receive them. The end of the pipe that goes
// along tells when they are gone.
GUEST_CASE(rights_in_a_ring_are_let_go) {
  Pipe pipe;
  {
    Pair pair;
    show("one to itself", send_file(pair.ends[1], "x", pair.ends[0]));
    show("the other to itself", send_file(pair.ends[0], "x", pair.ends[1]));
    show("the pipe", send_file(pair.ends[0], "x", pipe.writer));
  }
  pipe.close_writer();
  {
    Pair closed_later;
  }
  show_read("the pipe's end", pipe.reader);
}

GUEST_CASE(rights_in_a_ring_that_somebody_has) {
  Pair pair;
  Pair carrier;
  show("to itself", send_file(pair.ends[1], "inside", pair.ends[0]));
  show("to us", send_file(carrier.ends[0], "x", pair.ends[0]));
  pair.close(0);
  pair.close(1);
  {
    Pair closed_later;
  }
  const int got = receive("it", carrier.ends[1]);
  const int inner = receive("and what waits there", got);
  sys::close(got);
  sys::close(inner);
}

}  // namespace weft::guest
