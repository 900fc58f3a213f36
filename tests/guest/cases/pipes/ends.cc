// The two ends of a pipe: what one sees of the other, and what it sees when the other is gone.
#include "guest/support/files.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {

GUEST_CASE(pipe_gives_the_two_lowest_descriptors) {
  int ends[2] = {-1, -1};
  show("pipe", sys::pipe(ends));
  show("the end to read from", ends[0]);
  show("the end to write to", ends[1]);
}

GUEST_CASE(pipe_with_a_bad_pointer_makes_no_descriptors) {
  show("pipe into nowhere", sys::pipe(nullptr));
  int ends[2];
  must("make a pipe", sys::pipe(ends));
  show("the next pipe starts at", ends[0]);
}

GUEST_CASE(pipe2_refuses_unknown_flags) {
  int ends[2];
  show("O_APPEND", sys::pipe2(ends, O_APPEND));
  show("O_RDWR", sys::pipe2(ends, O_RDWR));
  show("bit 30", sys::pipe2(ends, 1 << 30));
}

GUEST_CASE(pipe2_sets_its_flags_on_both_ends) {
  Pipe pipe(O_CLOEXEC | O_NONBLOCK);
  for (const int end : {pipe.reader, pipe.writer}) {
    check("close on exec", (sys::fcntl(end, F_GETFD) & FD_CLOEXEC) != 0);
    check("does not block", (sys::fcntl(end, F_GETFL) & O_NONBLOCK) != 0);
  }
}

GUEST_CASE(pipe_ends_have_their_directions) {
  Pipe pipe;
  char byte = 'x';
  show("write to the reading end", sys::write(pipe.reader, &byte, 1));
  show("read from the writing end", sys::read(pipe.writer, &byte, 1));
  show("mode of the reader", sys::fcntl(pipe.reader, F_GETFL) & O_ACCMODE);
  show("mode of the writer", sys::fcntl(pipe.writer, F_GETFL) & O_ACCMODE);
}

GUEST_CASE(pipe_carries_bytes_in_order) {
  Pipe pipe;
  show("write 'one'", sys::write(pipe.writer, "one", 3));
  show("write 'two'", sys::write(pipe.writer, "two", 3));
  show_read("read 4", pipe.reader, 4);
  show_read("read the rest", pipe.reader);
}

GUEST_CASE(pipe_eof_after_last_writer_closes) {
  Pipe pipe;
  must("write", sys::write(pipe.writer, "abc", 3));
  pipe.close_writer();
  show_read("what was written is still there", pipe.reader);
  show_read("then comes the end", pipe.reader);
  show_read("which stays", pipe.reader);
}

GUEST_CASE(pipe_has_no_eof_while_a_duplicate_writes) {
  Pipe pipe(O_NONBLOCK);
  const int duplicate = static_cast<int>(must("dup", sys::dup(pipe.writer)));
  pipe.close_writer();
  show_read("one writer is left", pipe.reader);
  sys::close(duplicate);
  show_read("none is left", pipe.reader);
}

GUEST_CASE(pipe_blocked_reader_sees_the_last_writer_close) {
  Pipe pipe;
  const int child = start_child([&] {
    pipe.close_writer();
    show_read("the child's read", pipe.reader);
  });
  wait_until_blocked(child);
  pipe.close_writer();
  show_status("child", wait_for(child));
}

GUEST_CASE(pipe_blocked_reader_gets_what_is_written) {
  Pipe pipe;
  const int child = start_child([&] { show_read("the child's read", pipe.reader); });
  wait_until_blocked(child);
  must("write", sys::write(pipe.writer, "news", 4));
  show_status("child", wait_for(child));
}

GUEST_CASE(pipe_write_without_reader_gives_epipe_and_sigpipe) {
  Pipe pipe;
  static int signals;
  handle(SIGPIPE, [](int) { ++signals; });
  pipe.close_reader();
  show("write", sys::write(pipe.writer, "x", 1));
  show("SIGPIPEs handled", signals);
  show("write of nothing", sys::write(pipe.writer, "x", 0));
  show("SIGPIPEs handled", signals);
}

GUEST_CASE(pipe_write_without_reader_kills_by_default) {
  show_child("writer", [] {
    Pipe pipe;
    pipe.close_reader();
    sys::write(pipe.writer, "x", 1);
    say("never comes here");
  });
}

GUEST_CASE(pipe_write_without_reader_and_sigpipe_ignored) {
  Pipe pipe;
  ignore(SIGPIPE);
  pipe.close_reader();
  show("write", sys::write(pipe.writer, "x", 1));
}

GUEST_CASE(pipe_sigpipe_goes_to_the_writing_thread_pending_if_blocked) {
  Pipe pipe;
  block(signal_set(SIGPIPE));
  pipe.close_reader();
  show("write", sys::write(pipe.writer, "x", 1));
  check("SIGPIPE is pending", pending_signals() == signal_set(SIGPIPE));
}

GUEST_CASE(pipe_blocked_writer_sees_the_last_reader_close) {
  Pipe pipe;
  const int child = start_child([&] {
    ignore(SIGPIPE);
    pipe.close_reader();
    static char big[100'000];
    show("the child's write", sys::write(pipe.writer, big, sizeof big));
    show("another", sys::write(pipe.writer, big, 1));
  });
  wait_until_blocked(child);
  pipe.close_reader();
  show_status("child", wait_for(child));
}

GUEST_CASE(pipe_read_of_nothing_does_not_block) {
  Pipe pipe;
  show("read of 0 bytes from an empty pipe", sys::read(pipe.reader, nullptr, 0));
  show("write of 0 bytes", sys::write(pipe.writer, nullptr, 0));
}

GUEST_CASE(pipe_cannot_be_positioned) {
  Pipe pipe;
  char byte;
  show("lseek", sys::lseek(pipe.reader, 0, SEEK_SET));
  show("lseek to its place", sys::lseek(pipe.reader, 0, SEEK_CUR));
  show("pread64", sys::pread64(pipe.reader, &byte, 1, 0));
  show("pwrite64", sys::pwrite64(pipe.writer, &byte, 1, 0));
  show("ftruncate", sys::ftruncate(pipe.writer, 0));
}

GUEST_CASE(pipe_bytes_survive_the_process_that_wrote_them) {
  Pipe pipe;
  show_child("writer", [&] { sys::write(pipe.writer, "legacy", 6); });
  show_read("read", pipe.reader);
}

GUEST_CASE(pipe_stat_says_fifo) {
  Pipe pipe;
  struct stat status;
  show("fstat", sys::fstat(pipe.reader, &status));
  check("it is a fifo", (status.st_mode & S_IFMT) == S_IFIFO);
  show("permissions", status.st_mode & 0777);
  show("links", static_cast<long>(status.st_nlink));
  show("size", status.st_size);
  struct stat other;
  must("fstat", sys::fstat(pipe.writer, &other));
  check("both ends are one inode", status.st_ino == other.st_ino && status.st_dev == other.st_dev);
}

}  // namespace weft::guest
