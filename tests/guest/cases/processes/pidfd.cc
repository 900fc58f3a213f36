// A process as a descriptor, and limits on what a process may use.
#include "guest/support/clock.hh"
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

int start_sleeper() {
  return start_child([] {
    for (;;) sys::pause();
  });
}

}  // namespace

GUEST_CASE(pidfd_is_readable_when_the_process_has_ended) {
  const int child = start_sleeper();
  const int fd = static_cast<int>(sys::pidfd_open(child, 0));
  show("pidfd_open", fd);
  show("it closes on exec", sys::fcntl(fd, F_GETFD));
  pollfd one{fd, POLLIN, 0};
  show("poll while it lives", sys::poll(&one, 1, 0));
  show("send a signal", sys::pidfd_send_signal(fd, SIGTERM, nullptr, 0));
  show("poll for its end", sys::poll(&one, 1, -1));
  show_status("child", wait_for(child));
  show("a signal to one that was waited for", sys::pidfd_send_signal(fd, SIGTERM, nullptr, 0));
}

GUEST_CASE(pidfd_can_be_waited_for) {
  const int child = start_child([] { return 23; });
  const int fd = static_cast<int>(must("pidfd_open", sys::pidfd_open(child, 0)));
  siginfo_t info{};
  show("waitid", sys::waitid(P_PIDFD, fd, &info, WEXITED, nullptr));
  show("status", info.si_status);
  show("again", sys::waitid(P_PIDFD, fd, &info, WEXITED, nullptr));
  show("of something else", sys::waitid(P_PIDFD, 1, &info, WEXITED, nullptr));
}

GUEST_CASE(pidfd_errors) {
  show("nobody", sys::pidfd_open(12345678, 0));
  show("pid 0", sys::pidfd_open(0, 0));
  show("a negative one", sys::pidfd_open(-1, 0));
  show("unknown flags", sys::pidfd_open(sys::getpid(), 1));
  const long fd = must("pidfd_open", sys::pidfd_open(sys::getpid(), 0));
  show("a signal that doesn't exist", sys::pidfd_send_signal(fd, 65, nullptr, 0));
  show("unknown flags to send", sys::pidfd_send_signal(fd, 0, nullptr, 0x100));
  show("signal 0", sys::pidfd_send_signal(fd, 0, nullptr, 0));
  show("not a pidfd", sys::pidfd_send_signal(1, 0, nullptr, 0));
  char byte;
  show("it can't be read", sys::read(fd, &byte, 1));
}

GUEST_CASE(clone_gives_a_pidfd) {
  int fd = -1;
  const long child = sys::clone(CLONE_PIDFD | SIGCHLD, nullptr, &fd, nullptr, nullptr);
  if (child == 0) sys::exit_group(3);
  show("the descriptor", fd);
  siginfo_t info{};
  show("waitid", sys::waitid(P_PIDFD, fd, &info, WEXITED, nullptr));
  show("status", info.si_status);
}

GUEST_CASE(rlimit_cpu_sends_sigxcpu_and_then_kills) {
  show_child("at the soft limit", [] {
    const rlimit limit{1, RLIM_INFINITY};
    must("prlimit64", sys::prlimit64(0, RLIMIT_CPU, &limit, nullptr));
    for (;;) {
    }
  });
  show_child("at the hard limit", [] {
    const rlimit limit{1, 1};
    ignore(SIGXCPU);
    must("prlimit64", sys::prlimit64(0, RLIMIT_CPU, &limit, nullptr));
    for (;;) {
    }
  });
}

GUEST_CASE(rlimits_of_a_child_are_set_from_outside) {
  const int child = start_sleeper();
  const rlimit limit{11, 22};
  rlimit seen{};
  show("set", sys::prlimit64(child, RLIMIT_NOFILE, &limit, nullptr));
  show("get", sys::prlimit64(child, RLIMIT_NOFILE, nullptr, &seen));
  say("{} {}", seen.rlim_cur, seen.rlim_max);
  must("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, nullptr, &seen));
  check("our own are unchanged", seen.rlim_cur != 11);
  show("setrlimit", sys::setrlimit(RLIMIT_NOFILE, &limit));
  must("getrlimit", sys::getrlimit(RLIMIT_NOFILE, &seen));
  say("{} {}", seen.rlim_cur, seen.rlim_max);
  sys::kill(child, SIGKILL);
}

}  // namespace weft::guest
