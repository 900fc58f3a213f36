// Named pipes: a pipe that strangers find in the file tree.
#include "guest/support/files.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

void make_fifo(const char* path) { must("make a fifo", sys::mknod(path, S_IFIFO | 0644, 0)); }

}  // namespace

GUEST_CASE(fifo_is_a_file_of_its_own_kind) {
  show("mknod", sys::mknod("fifo", S_IFIFO | 0666, 0));
  show_stat("fifo", "fifo");
  show("the same again", sys::mknod("fifo", S_IFIFO | 0666, 0));
  show("mknodat", sys::mknodat(AT_FDCWD, "second", S_IFIFO | 0600, 0));
  show_names("here", ".");
}

GUEST_CASE(fifo_open_waits_for_the_other_side) {
  make_fifo("fifo");
  const int child = start_child([] {
    const int fd = open_or_end("fifo", O_RDONLY);
    show_read("the child reads", fd);
  });
  wait_until_blocked(child);
  const int fd = open_or_end("fifo", O_WRONLY);
  must("write", sys::write(fd, "hello", 5));
  show_status("child", wait_for(child));
}

GUEST_CASE(fifo_open_for_writing_waits_for_a_reader) {
  make_fifo("fifo");
  const int child = start_child([] {
    const int fd = open_or_end("fifo", O_WRONLY);
    show("the child's write", sys::write(fd, "hello", 5));
  });
  wait_until_blocked(child);
  const int fd = open_or_end("fifo", O_RDONLY);
  show_status("child", wait_for(child));
  show_read("read", fd);
  show_read("the writer has closed", fd);
}

GUEST_CASE(fifo_nonblocking_open) {
  make_fifo("fifo");
  show("for writing, without a reader", sys::open("fifo", O_WRONLY | O_NONBLOCK));
  const long reader = sys::open("fifo", O_RDONLY | O_NONBLOCK);
  show("for reading, without a writer", reader);
  show_read("read without a writer", static_cast<int>(reader));
  const long writer = sys::open("fifo", O_WRONLY | O_NONBLOCK);
  show("for writing, with a reader", writer);
  show_read("read from an empty one", static_cast<int>(reader));
}

GUEST_CASE(fifo_open_for_both_does_not_wait) {
  make_fifo("fifo");
  const int fd = open_or_end("fifo", O_RDWR);
  show("write", sys::write(fd, "self", 4));
  show_read("read", fd);
}

GUEST_CASE(fifo_open_is_interrupted_by_a_signal) {
  make_fifo("fifo");
  const int child = start_child([] {
    handle(SIGUSR1, [](int) {});
    show("open", sys::open("fifo", O_RDONLY));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  show_status("child", wait_for(child));
}

GUEST_CASE(fifo_can_have_a_second_writer_after_an_eof) {
  make_fifo("fifo");
  const int reader = open_or_end("fifo", O_RDONLY | O_NONBLOCK);
  int writer = open_or_end("fifo", O_WRONLY);
  must("write", sys::write(writer, "first", 5));
  sys::close(writer);
  show_read("read", reader);
  show_read("the end", reader);
  writer = open_or_end("fifo", O_WRONLY);
  show_read("no end any more", reader);
  must("write", sys::write(writer, "second", 6));
  show_read("read", reader);
}

GUEST_CASE(fifo_content_is_gone_when_all_have_closed) {
  make_fifo("fifo");
  int both = open_or_end("fifo", O_RDWR);
  must("write", sys::write(both, "lost", 4));
  sys::close(both);
  both = open_or_end("fifo", O_RDWR | O_NONBLOCK);
  show_read("read", both);
}

GUEST_CASE(fifo_unlinked_while_open_still_works) {
  make_fifo("fifo");
  const int both = open_or_end("fifo", O_RDWR);
  show("unlink", sys::unlink("fifo"));
  must("write", sys::write(both, "still", 5));
  show_read("read", both);
  show("open it again", sys::open("fifo", O_RDONLY));
}

GUEST_CASE(fifo_write_without_reader) {
  make_fifo("fifo");
  ignore(SIGPIPE);
  const int reader = open_or_end("fifo", O_RDONLY | O_NONBLOCK);
  const int writer = open_or_end("fifo", O_WRONLY);
  sys::close(reader);
  show("write", sys::write(writer, "x", 1));
}

}  // namespace weft::guest
