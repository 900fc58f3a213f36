// fcntl's locks on ranges: they split and merge, conflict between processes, go with a close and with
// an exit; and a circle of waiters is refused.
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

int open_file(int flags = O_RDWR | O_CREAT) { return open_or_end("file", flags); }

long lock(int fd, int type, long start, long length, int command = F_SETLK, int whence = SEEK_SET) {
  struct flock wanted{};
  wanted.l_type = static_cast<short>(type);
  wanted.l_whence = static_cast<short>(whence);
  wanted.l_start = start;
  wanted.l_len = length;
  return sys::fcntl(fd, command, &wanted);
}

// What another process would meet there: shown by that process.
void show_held(const char* what, long start, long length, int type = F_WRLCK) {
  wait_for(start_child([&] {
    const int fd = open_file();
    struct flock asked{};
    asked.l_type = static_cast<short>(type);
    asked.l_start = start;
    asked.l_len = length;
    const long result = sys::fcntl(fd, F_GETLK, &asked);
    if (result != 0) return show(what, result);
    if (asked.l_type == F_UNLCK) return say("{}: free", what);
    say("{}: {} from {}, {} bytes, ours {}", what, asked.l_type == F_RDLCK ? "read" : "write",
        asked.l_start, asked.l_len, asked.l_pid == sys::getppid());
  }));
}

}  // namespace

GUEST_CASE(lock_conflicts_between_processes) {
  const int fd = open_file();
  show("write lock", lock(fd, F_WRLCK, 10, 10));
  show_held("the same", 10, 10);
  show_held("a part", 15, 1);
  show_held("around it", 0, 100);
  show_held("before", 0, 10);
  show_held("behind", 20, 5);
  show_child("another process", [] {
    const int other = open_file();
    show("write", lock(other, F_WRLCK, 19, 1));
    show("read", lock(other, F_RDLCK, 19, 1));
    show("elsewhere", lock(other, F_WRLCK, 20, 1));
  });
}

GUEST_CASE(lock_of_readers) {
  const int fd = open_file();
  show("read lock", lock(fd, F_RDLCK, 0, 10));
  show_held("for a reader", 0, 10, F_RDLCK);
  show_held("for a writer", 0, 10);
  show_child("another reader", [] { show("read", lock(open_file(), F_RDLCK, 0, 10)); });
}

GUEST_CASE(lock_is_no_matter_within_a_process) {
  const int fd = open_file();
  const int other = open_file();
  show("lock", lock(fd, F_WRLCK, 0, 10));
  show("by another descriptor", lock(other, F_WRLCK, 5, 10));
  show_held("both together", 0, 100);
}

GUEST_CASE(lock_splits) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 100));
  show("unlock the middle", lock(fd, F_UNLCK, 40, 20));
  show_held("the first part", 0, 100);
  show_held("the middle", 40, 20);
  show_held("the second part", 40, 60);
}

GUEST_CASE(lock_changes_type_in_the_middle) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 100));
  show("read in the middle", lock(fd, F_RDLCK, 40, 20));
  show_held("reader in the middle", 40, 20, F_RDLCK);
  show_held("writer in the middle", 40, 20);
  show_held("reader behind", 60, 10, F_RDLCK);
  show_held("reader before", 39, 1, F_RDLCK);
}

GUEST_CASE(lock_merges) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 10));
  must("lock", lock(fd, F_WRLCK, 20, 10));
  must("lock", lock(fd, F_WRLCK, 10, 10));
  show_held("one lock", 0, 100);
}

GUEST_CASE(lock_merges_where_it_overlaps) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 15));
  must("lock", lock(fd, F_WRLCK, 10, 20));
  show_held("one lock", 0, 100);
  must("read in it", lock(fd, F_RDLCK, 0, 30));
  show_held("now for readers", 0, 100);
}

GUEST_CASE(lock_to_the_end) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 50, 0));
  show_held("far away", 1'000'000'000'000, 1);
  show_held("before", 0, 50);
  show("unlock a part", lock(fd, F_UNLCK, 60, 10));
  show_held("the first part", 0, 100);
  show_held("the rest", 60, 1000);
}

GUEST_CASE(lock_backwards_and_from_elsewhere) {
  write_file("file", "0123456789");
  const int fd = open_file(O_RDWR);
  show("backwards", lock(fd, F_WRLCK, 10, -5));
  show_held("five bytes", 0, 100);
  must("unlock", lock(fd, F_UNLCK, 0, 0));
  must("lseek", sys::lseek(fd, 3, SEEK_SET));
  show("from the position", lock(fd, F_WRLCK, 1, 2, F_SETLK, SEEK_CUR));
  show_held("where", 0, 100);
  must("unlock", lock(fd, F_UNLCK, 0, 0));
  show("from the end", lock(fd, F_WRLCK, -4, 2, F_SETLK, SEEK_END));
  show_held("where", 0, 100);
}

GUEST_CASE(lock_errors) {
  const int fd = open_file();
  const int reader = open_file(O_RDONLY);
  const int writer = open_file(O_WRONLY);
  show("before the beginning", lock(fd, F_WRLCK, -1, 1));
  show("backwards over it", lock(fd, F_WRLCK, 3, -5));
  show("no such type", lock(fd, 7, 0, 1));
  show("no such whence", lock(fd, F_WRLCK, 0, 1, F_SETLK, 9));
  show("to write, opened to read", lock(reader, F_WRLCK, 0, 1));
  show("to read, opened to write", lock(writer, F_RDLCK, 0, 1));
  show("a bad pointer", sys::fcntl(fd, F_SETLK, k_bad_pointer));
  show("not open", lock(99, F_WRLCK, 0, 1));
  show("too far", lock(fd, F_WRLCK, 0x7fffffffffffffff, 2));
  int ends[2];
  must("pipe", sys::pipe(ends));
  show("ask to unlock", lock(fd, F_UNLCK, 0, 1, F_GETLK));
}

GUEST_CASE(lock_goes_with_any_close) {
  const int fd = open_file();
  const int other = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 10));
  must("close", sys::close(other));
  show_held("after closing another descriptor", 0, 10);
}

GUEST_CASE(lock_goes_with_the_process) {
  open_file();
  const int child = start_child([] {
    must("lock", lock(open_file(), F_WRLCK, 0, 10));
    sys::pause();
  });
  wait_until_blocked(child);
  show("meanwhile", lock(open_file(), F_WRLCK, 0, 10));
  sys::kill(child, SIGKILL);
  wait_for(child);
  show("afterwards", lock(open_file(), F_WRLCK, 0, 10));
}

GUEST_CASE(lock_is_not_inherited) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 10));
  show_child("child", [&] {
    show("by the inherited descriptor", lock(fd, F_WRLCK, 0, 10));
    sys::close(fd);
  });
  show_held("the parent's lock is still there", 0, 10);
}

GUEST_CASE(lock_survives_exec) {
  open_file();
  int ends[2];
  must("pipe", sys::pipe(ends));
  const int child = start_child([&] {
    must("lock", lock(open_file(), F_WRLCK, 0, 10));
    sys::dup2(ends[0], 0);
    sys::close(ends[1]);
    const char* arguments[] = {"/guest/helper", "cat", nullptr};
    const char* environment[] = {nullptr};
    sys::execve("/guest/helper", arguments, environment);
  });
  wait_until_blocked(child);
  show("meanwhile", lock(open_file(), F_WRLCK, 0, 10));
  sys::kill(child, SIGKILL);
  wait_for(child);
}

GUEST_CASE(lock_waits) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 10));
  const int child = start_child([] { show("child", lock(open_file(), F_WRLCK, 5, 1, F_SETLKW)); });
  wait_until_blocked(child);
  must("unlock something else", lock(fd, F_UNLCK, 0, 5));
  wait_until_blocked(child);
  must("unlock", lock(fd, F_UNLCK, 5, 1));
  wait_for(child);
}

GUEST_CASE(lock_wait_is_interrupted) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 10));
  const int child = start_child([] {
    handle(SIGUSR1, [](int) {});
    show("child", lock(open_file(), F_WRLCK, 0, 1, F_SETLKW));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
}

GUEST_CASE(lock_circle_of_two) {
  const int fd = open_file();
  Shared<Gate> ready;
  must("lock", lock(fd, F_WRLCK, 0, 1));
  const int child = start_child([&] {
    const int other = open_file();
    must("lock", lock(other, F_WRLCK, 1, 1));
    ready->open();
    show("the first to wait", lock(other, F_WRLCK, 0, 1, F_SETLKW));
  });
  ready->pass();
  wait_until_blocked(child);
  show("the circle", lock(fd, F_WRLCK, 1, 1, F_SETLKW));
  must("give way", lock(fd, F_UNLCK, 0, 1));
  wait_for(child);
}

GUEST_CASE(lock_circle_of_three) {
  const int fd = open_file();
  must("lock", lock(fd, F_WRLCK, 0, 1));
  Shared<Gate[2]> ready;
  int children[2];
  for (int i = 0; i < 2; ++i) {
    children[i] = start_child([&] {
      const int other = open_file();
      must("lock", lock(other, F_WRLCK, i + 1, 1));
      (*ready)[i].open();
      (*ready)[1].pass();
      return lock(other, F_WRLCK, i, 1, F_SETLKW) == 0 ? 0 : 1;
    });
    (*ready)[i].pass();
  }
  for (const int child : children) wait_until_blocked(child);
  show("the circle", lock(fd, F_WRLCK, 2, 1, F_SETLKW));
  must("give way", lock(fd, F_UNLCK, 0, 1));
  for (const int child : children) show_status("child", wait_for(child));
}

GUEST_CASE(lock_upgrade_of_two_readers) {
  const int fd = open_file();
  must("read lock", lock(fd, F_RDLCK, 0, 1));
  Shared<Gate> ready;
  const int child = start_child([&] {
    const int other = open_file();
    must("read lock", lock(other, F_RDLCK, 0, 1));
    ready->open();
    show("the first to upgrade", lock(other, F_WRLCK, 0, 1, F_SETLKW));
  });
  ready->pass();
  wait_until_blocked(child);
  show("the second", lock(fd, F_WRLCK, 0, 1, F_SETLKW));
  must("give way", lock(fd, F_UNLCK, 0, 1));
  wait_for(child);
}

}  // namespace weft::guest
