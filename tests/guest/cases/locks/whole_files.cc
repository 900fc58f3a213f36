// flock(): locks on whole files, which belong to the open file and not to the process.
#include "guest/support/files.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

int open_file() { return open_or_end("file", O_RDWR | O_CREAT); }

}  // namespace

GUEST_CASE(flock_between_open_files) {
  const int one = open_file();
  const int other = open_file();
  show("exclusive", sys::flock(one, LOCK_EX));
  show("another", sys::flock(other, LOCK_EX | LOCK_NB));
  show("shared", sys::flock(other, LOCK_SH | LOCK_NB));
  show("unlock", sys::flock(one, LOCK_UN));
  show("shared", sys::flock(other, LOCK_SH | LOCK_NB));
  show("shared by both", sys::flock(one, LOCK_SH | LOCK_NB));
  show("exclusive", sys::flock(one, LOCK_EX | LOCK_NB));
}

GUEST_CASE(flock_of_a_duplicate) {
  const int one = open_file();
  const int same = static_cast<int>(must("dup", sys::dup(one)));
  show("lock", sys::flock(one, LOCK_EX));
  show("again by the other", sys::flock(same, LOCK_EX | LOCK_NB));
  sys::close(one);
  const int other = open_file();
  show("it is still there", sys::flock(other, LOCK_EX | LOCK_NB));
  sys::close(same);
  show("gone with the last", sys::flock(other, LOCK_EX | LOCK_NB));
}

GUEST_CASE(flock_is_inherited) {
  const int one = open_file();
  must("lock", sys::flock(one, LOCK_EX));
  show_child("child", [&] { show("unlock", sys::flock(one, LOCK_UN)); });
  show("the parent's is gone", sys::flock(open_file(), LOCK_EX | LOCK_NB));
}

GUEST_CASE(flock_waits) {
  const int one = open_file();
  must("lock", sys::flock(one, LOCK_EX));
  const int child = start_child([] { show("child", sys::flock(open_file(), LOCK_SH)); });
  wait_until_blocked(child);
  must("unlock", sys::flock(one, LOCK_UN));
  wait_for(child);
}

GUEST_CASE(flock_goes_with_its_process) {
  const int child = start_child([] {
    must("lock", sys::flock(open_file(), LOCK_EX));
    sys::pause();
  });
  wait_until_blocked(child);
  const int one = open_file();
  show("meanwhile", sys::flock(one, LOCK_EX | LOCK_NB));
  sys::kill(child, SIGKILL);
  wait_for(child);
  show("afterwards", sys::flock(one, LOCK_EX | LOCK_NB));
}

GUEST_CASE(flock_is_interrupted) {
  const int one = open_file();
  must("lock", sys::flock(one, LOCK_EX));
  const int child = start_child([] {
    handle(SIGUSR1, [](int) {});
    show("child", sys::flock(open_file(), LOCK_EX));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
}

GUEST_CASE(flock_errors) {
  show("not open", sys::flock(99, LOCK_EX));
  const int one = open_file();
  show("nothing", sys::flock(one, 0));
  show("two at once", sys::flock(one, LOCK_SH | LOCK_EX));
  show("unknown", sys::flock(one, 0x100 | LOCK_EX));
  show("unlock what is not locked", sys::flock(one, LOCK_UN));
}

GUEST_CASE(flock_and_ranges_do_not_meet) {
  const int one = open_file();
  must("lock", sys::flock(one, LOCK_EX));
  show_child("child", [] {
    struct flock wanted{};
    wanted.l_type = F_WRLCK;
    show("a range", sys::fcntl(open_file(), F_SETLK, &wanted));
  });
}

GUEST_CASE(flock_of_an_unlinked_file) {
  const int one = open_file();
  must("unlink", sys::unlink("file"));
  show("lock", sys::flock(one, LOCK_EX));
  show("another file of that name", sys::flock(open_file(), LOCK_EX | LOCK_NB));
}

}  // namespace weft::guest
