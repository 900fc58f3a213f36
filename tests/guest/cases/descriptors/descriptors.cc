// The descriptor table: dup and its family, fcntl, close_range, and what descriptors share.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {

GUEST_CASE(dup_gives_the_lowest_free_one) {
  write_file("file", "abc");
  const int fd = open_or_end("file", O_RDONLY);
  show("dup", sys::dup(fd));
  must("close", sys::close(0));
  show("with 0 free", sys::dup(fd));
  show("a bad one", sys::dup(99));
}

GUEST_CASE(dup_shares_position_and_status_flags) {
  write_file("file", "abcdef");
  const int one = open_or_end("file", O_RDWR);
  const int two = static_cast<int>(must("dup", sys::dup(one)));
  show_read("one reads", one, 2);
  show_read("two goes on", two, 2);
  must("fcntl", sys::fcntl(one, F_SETFL, O_APPEND | O_NONBLOCK));
  check("two has the flags, too",
        (sys::fcntl(two, F_GETFL) & (O_APPEND | O_NONBLOCK)) == (O_APPEND | O_NONBLOCK));
  must("fcntl", sys::fcntl(one, F_SETFD, FD_CLOEXEC));
  show("but not close-on-exec", sys::fcntl(two, F_GETFD));
}

GUEST_CASE(open_twice_shares_nothing) {
  write_file("file", "abcdef");
  const int one = open_or_end("file", O_RDONLY);
  const int two = open_or_end("file", O_RDONLY);
  show_read("one", one, 3);
  show_read("two", two, 3);
}

GUEST_CASE(dup2_replaces_its_target) {
  write_file("one", "1");
  write_file("two", "2");
  const int one = open_or_end("one", O_RDONLY);
  const int two = open_or_end("two", O_RDONLY);
  show("dup2", sys::dup2(one, two));
  show_read("the second is the first now", two);
  show("onto a free one", sys::dup2(one, 50));
  show("onto itself", sys::dup2(one, one));
  show("of a bad one", sys::dup2(99, one));
  show("of a bad one onto itself", sys::dup2(99, 99));
  show("onto -1", sys::dup2(one, -1));
  show("the target survives a failure", sys::fcntl(one, F_GETFD));
}

GUEST_CASE(dup2_of_the_last_writer_ends_the_pipe) {
  Pipe pipe;
  const int null = open_or_end("/dev/null", O_WRONLY);
  must("dup2", sys::dup2(null, pipe.writer));
  show_read("read", pipe.reader);
}

GUEST_CASE(dup3_is_stricter) {
  const int fd = open_or_end("/dev/null", O_RDONLY);
  show("onto itself", sys::dup3(fd, fd, 0));
  show("unknown flags", sys::dup3(fd, 10, O_NONBLOCK));
  show("with O_CLOEXEC", sys::dup3(fd, 10, O_CLOEXEC));
  show("flags", sys::fcntl(10, F_GETFD));
  show("without", sys::dup3(fd, 10, 0));
  show("flags", sys::fcntl(10, F_GETFD));
}

GUEST_CASE(fcntl_dupfd_starts_where_it_is_told) {
  const int fd = open_or_end("/dev/null", O_RDONLY);
  show("from 20", sys::fcntl(fd, F_DUPFD, 20));
  show("from 20 again", sys::fcntl(fd, F_DUPFD, 20));
  show("cloexec from 0", sys::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  show("its flags", sys::fcntl(4, F_GETFD));
  show("from -1", sys::fcntl(fd, F_DUPFD, -1));
  show("from beyond the limit", sys::fcntl(fd, F_DUPFD, 1024));
}

GUEST_CASE(fcntl_setfl_changes_only_some_flags) {
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDONLY);
  show("set all", sys::fcntl(fd, F_SETFL, O_RDWR | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC));
  const long flags = sys::fcntl(fd, F_GETFL);
  show("mode", flags & O_ACCMODE);
  check("append", (flags & O_APPEND) != 0);
  check("nonblock", (flags & O_NONBLOCK) != 0);
  show("the file is not truncated", sys::lseek(fd, 0, SEEK_END));
  show("clear", sys::fcntl(fd, F_SETFL, 0));
  show("append and nonblock", sys::fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK));
}

GUEST_CASE(fcntl_setfd_knows_one_bit) {
  const int fd = open_or_end("/dev/null", O_RDONLY);
  show("at first", sys::fcntl(fd, F_GETFD));
  show("set all bits", sys::fcntl(fd, F_SETFD, -1));
  show("get", sys::fcntl(fd, F_GETFD));
  show("clear", sys::fcntl(fd, F_SETFD, 0));
  show("get", sys::fcntl(fd, F_GETFD));
  show("an unknown command", sys::fcntl(fd, 4711, 0));
}

GUEST_CASE(close_twice) {
  const int fd = open_or_end("/dev/null", O_RDONLY);
  show("close", sys::close(fd));
  show("again", sys::close(fd));
}

GUEST_CASE(close_range_closes_a_range) {
  for (int count = 0; count < 7; ++count) open_or_end("/dev/null", O_RDONLY);  // 3 to 9
  show("4 to 6", sys::close_range(4, 6, 0));
  for (int fd = 3; fd < 10; ++fd) {
    if (sys::fcntl(fd, F_GETFD) >= 0) say("{} is open", fd);
  }
  show("8 to the end", sys::close_range(8, ~0u, 0));
  show("marking with CLOEXEC", sys::close_range(3, 7, CLOSE_RANGE_CLOEXEC));
  show("3's flags", sys::fcntl(3, F_GETFD));
  show("8 is closed", sys::fcntl(8, F_GETFD));
  show("backwards", sys::close_range(5, 4, 0));
  show("unknown flags", sys::close_range(3, 4, 64));
}

GUEST_CASE(descriptors_hundreds_of_them) {
  long last = 0;
  for (int count = 0; count < 900; ++count) last = sys::dup(1);
  show("the last", last);
  for (int fd = 3; fd <= last; fd += 2) sys::close(fd);
  show("the lowest free one", sys::dup(1));
  show("the next", sys::dup(1));
}

GUEST_CASE(rlimit_nofile_can_be_changed_in_both_directions) {
  rlimit limit{};
  show("get", sys::prlimit64(0, RLIMIT_NOFILE, nullptr, &limit));
  say("{} {}", limit.rlim_cur, limit.rlim_max);
  limit = {100, 200};
  rlimit old{};
  show("set and get the old one", sys::prlimit64(0, RLIMIT_NOFILE, &limit, &old));
  say("{} {}", old.rlim_cur, old.rlim_max);
  limit = {300, 200};
  show("soft above hard", sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr));
  show("an unknown resource", sys::prlimit64(0, 99, nullptr, &limit));
  show("of nobody", sys::prlimit64(12345678, RLIMIT_NOFILE, nullptr, &limit));
  must("getrlimit", sys::getrlimit(RLIMIT_NOFILE, &limit));
  say("getrlimit: {} {}", limit.rlim_cur, limit.rlim_max);
}

GUEST_CASE(rlimits_are_inherited) {
  const rlimit limit{77, 88};
  must("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr));
  show_child("child", [] {
    rlimit seen{};
    sys::prlimit64(0, RLIMIT_NOFILE, nullptr, &seen);
    say("{} {}", seen.rlim_cur, seen.rlim_max);
  });
}

GUEST_CASE(ioctl_on_what_is_no_terminal) {
  Pipe pipe;
  char room[100];
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDONLY);
  for (const unsigned request : {TCGETS, TIOCGWINSZ, TIOCGPGRP, 0x12345678}) {
    show("a file", sys::ioctl(fd, request, room));
    show("a pipe", sys::ioctl(pipe.reader, request, room));
  }
  show("/dev/null", sys::ioctl(open_or_end("/dev/null", O_RDONLY), TCGETS, room));
}

GUEST_CASE(ioctl_fionbio_and_fioclex) {
  Pipe pipe;
  int on = 1;
  char byte;
  show("FIONBIO", sys::ioctl(pipe.reader, FIONBIO, &on));
  show("read", sys::read(pipe.reader, &byte, 1));
  show("FIOCLEX", sys::ioctl(pipe.reader, FIOCLEX, 0));
  show("flags", sys::fcntl(pipe.reader, F_GETFD));
  show("FIONCLEX", sys::ioctl(pipe.reader, FIONCLEX, 0));
  show("flags", sys::fcntl(pipe.reader, F_GETFD));
}

GUEST_CASE(record_locks_conflict_between_processes) {
  write_file("file", "0123456789");
  const int fd = open_or_end("file", O_RDWR);
  struct flock lock{F_WRLCK, SEEK_SET, 2, 4, 0};
  show("lock bytes 2 to 5", sys::fcntl(fd, F_SETLK, &lock));
  const int parent = static_cast<int>(sys::getpid());
  show_child("child", [&] {
    struct flock other{F_WRLCK, SEEK_SET, 0, 2, 0};
    show("bytes 0 and 1", sys::fcntl(fd, F_SETLK, &other));
    other = {F_RDLCK, SEEK_SET, 5, 1, 0};
    show("byte 5 for reading", sys::fcntl(fd, F_SETLK, &other));
    show("who has it", sys::fcntl(fd, F_GETLK, &other));
    check("the parent, bytes 2 to 5", other.l_type == F_WRLCK && other.l_pid == parent &&
                                          other.l_start == 2 && other.l_len == 4);
    other = {F_RDLCK, SEEK_SET, 8, 0, 0};
    show("what nobody has", sys::fcntl(fd, F_GETLK, &other));
    check("is unlocked", other.l_type == F_UNLCK);
  });
}

GUEST_CASE(record_lock_wait_ends_when_the_holder_closes) {
  write_file("file", "0123456789");
  const int fd = open_or_end("file", O_RDWR);
  struct flock lock{F_WRLCK, SEEK_SET, 0, 0, 0};
  must("fcntl", sys::fcntl(fd, F_SETLK, &lock));
  const int child = start_child([&] {
    struct flock wanted{F_WRLCK, SEEK_SET, 0, 0, 0};
    show("F_SETLKW", sys::fcntl(fd, F_SETLKW, &wanted));
  });
  wait_until_blocked(child);
  // Any close of the file, by any descriptor, drops the process's locks.
  sys::close(open_or_end("file", O_RDONLY));
  show_status("child", wait_for(child));
}

}  // namespace weft::guest
