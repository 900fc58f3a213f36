// What a signal does to calls that wait: EINTR, or going on as if nothing had happened.
#include "guest/support/files.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

// A child that blocks in `body` is signalled while it waits; body shows what its call returned. With
// `release`, the parent afterwards lets the call come to its natural end.
template <typename Body, typename Release>
void interrupt(std::string_view what, uint64_t flags, Body body, Release release) {
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {}, flags);
    show(what, body());
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  if ((flags & SA_RESTART) != 0) {
    // The handler has run when the signal isn't pending and the child waits again.
    wait_until_blocked(child);
  }
  release();
  wait_for(child);
}

template <typename Body>
void interrupt_both_ways(std::string_view what, Body body) {
  const auto nothing = [] {};
  interrupt(Text<60>("{}", what).view(), 0, body, nothing);
  interrupt(Text<60>("{}, SA_RESTART", what).view(), SA_RESTART, body, nothing);
}

const timespec k_long{1000, 0};

}  // namespace

GUEST_CASE(interrupted_read_of_a_pipe) {
  Pipe pipe;
  char byte;
  const auto body = [&] { return sys::read(pipe.reader, &byte, 1); };
  interrupt("plain", 0, body, [] {});
  interrupt("SA_RESTART, then a byte", SA_RESTART, body, [&] { sys::write(pipe.writer, "x", 1); });
}

GUEST_CASE(interrupted_calls_that_never_go_on) {
  interrupt_both_ways("pause", [] { return sys::pause(); });
  interrupt_both_ways("sigsuspend", [] {
    const SignalSet none = 0;
    return sys::rt_sigsuspend(&none, 8);
  });
  interrupt_both_ways("sigtimedwait", [] {
    const SignalSet wanted = signal_set(SIGUSR2);
    return sys::rt_sigtimedwait(&wanted, nullptr, nullptr, 8);
  });
  interrupt_both_ways("nanosleep", [] { return sys::nanosleep(&k_long, nullptr); });
  interrupt_both_ways("clock_nanosleep",
                      [] { return sys::clock_nanosleep(CLOCK_MONOTONIC, 0, &k_long, nullptr); });
  interrupt_both_ways("poll", [] { return sys::poll(nullptr, 0, -1); });
  interrupt_both_ways("select", [] { return sys::select(0, nullptr, nullptr, nullptr, nullptr); });
  interrupt_both_ways("epoll_wait", [] {
    epoll_event event;
    const long epoll = sys::epoll_create1(0);
    return sys::epoll_wait(epoll, &event, 1, -1);
  });
}

GUEST_CASE(interrupted_futex_wait) {
  static int word;
  interrupt(
      "plain", 0, [] { return sys::futex(&word, FUTEX_WAIT, 0, nullptr, nullptr, 0); }, [] {});
  interrupt(
      "with a time-out", 0, [] { return sys::futex(&word, FUTEX_WAIT, 0, &k_long, nullptr, 0); },
      [] {});
}

GUEST_CASE(interrupted_futex_wait_goes_on_with_sa_restart) {
  Shared<int> word;
  interrupt(
      "woken", SA_RESTART, [&] { return sys::futex(&*word, FUTEX_WAIT, 0, nullptr, nullptr, 0); },
      [&] {
        while (sys::futex(&*word, FUTEX_WAKE, 1, nullptr, nullptr, 0) == 0) sys::sched_yield();
      });
}

GUEST_CASE(interrupted_nanosleep_says_what_is_left) {
  const int child = start_child([] {
    handle(SIGUSR1, [](int) {});
    timespec left{};
    show("nanosleep", sys::nanosleep(&k_long, &left));
    check("nearly all is left", left.tv_sec >= 990 && left.tv_sec <= 1000);
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
}

GUEST_CASE(interrupted_by_stop_and_continuation_without_a_handler) {
  // Calls with a time-out go on by restart_syscall, others as if nothing had been.
  Pipe pipe;
  const auto stop_and_go_on = [](int child) {
    wait_until_blocked(child);
    sys::kill(child, SIGSTOP);
    sys::wait4(child, nullptr, WUNTRACED, nullptr);
    sys::kill(child, SIGCONT);
    sys::wait4(child, nullptr, WCONTINUED, nullptr);
    wait_until_blocked(child);
  };
  const int reader = start_child([&] {
    char byte;
    show("read", sys::read(pipe.reader, &byte, 1));
  });
  stop_and_go_on(reader);
  sys::write(pipe.writer, "x", 1);
  wait_for(reader);
  const int poller = start_child([&] {
    pollfd one{pipe.reader, POLLIN, 0};
    show("poll", sys::poll(&one, 1, 1'000'000));
  });
  stop_and_go_on(poller);
  sys::write(pipe.writer, "x", 1);
  wait_for(poller);
  Shared<int> word;
  const int waiter =
      start_child([&] { show("futex", sys::futex(&*word, FUTEX_WAIT, 0, &k_long, nullptr, 0)); });
  stop_and_go_on(waiter);
  while (sys::futex(&*word, FUTEX_WAKE, 1, nullptr, nullptr, 0) == 0) sys::sched_yield();
  wait_for(waiter);
}

GUEST_CASE(interrupted_sleep_by_stop_sleeps_on) {
  const int child = start_child([] {
    const timespec some{0, 20'000'000};
    show("nanosleep", sys::nanosleep(&some, nullptr));
  });
  sys::kill(child, SIGSTOP);
  sys::wait4(child, nullptr, WUNTRACED, nullptr);
  sys::kill(child, SIGCONT);
  show_status("child", wait_for(child));
}

GUEST_CASE(interrupted_read_that_has_bytes_gives_them) {
  // A signal that is pending before the call has its handler run first; the read then succeeds.
  Pipe pipe;
  must("write", sys::write(pipe.writer, "abc", 3));
  handle(SIGUSR1, [](int) { say("handled"); });
  raise(SIGUSR1);
  show_read("read", pipe.reader);
}

GUEST_CASE(interrupted_by_ignored_signals_nothing_returns) {
  Pipe pipe;
  const int child = start_child([&] {
    ignore(SIGUSR1);
    char byte;
    show("read", sys::read(pipe.reader, &byte, 1));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  must("kill", sys::kill(child, SIGWINCH));
  wait_until_blocked(child);
  must("write", sys::write(pipe.writer, "x", 1));
  wait_for(child);
}

GUEST_CASE(interrupted_calls_that_go_on_with_sa_restart) {
  Pipe full(O_NONBLOCK);
  static char block[4096];
  while (sys::write(full.writer, block, sizeof block) > 0) {
  }
  sys::fcntl(full.writer, F_SETFL, 0);
  interrupt(
      "write to a full pipe", SA_RESTART, [&] { return sys::write(full.writer, "x", 1); },
      [&] {
        for (int count = 0; count < 16; ++count) sys::read(full.reader, block, sizeof block);
      });
  must("mknod", sys::mknod("fifo", S_IFIFO | 0644, 0));
  interrupt(
      "open of a fifo", SA_RESTART, [] { return sys::open("fifo", O_RDONLY) > 0 ? 0L : -1L; },
      [] { sys::close(static_cast<int>(sys::open("fifo", O_WRONLY))); });
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDWR);
  struct flock record{F_WRLCK, SEEK_SET, 0, 0, 0};
  must("fcntl", sys::fcntl(fd, F_SETLK, &record));
  interrupt(
      "F_SETLKW", SA_RESTART,
      [&] {
        struct flock wanted{F_WRLCK, SEEK_SET, 0, 0, 0};
        return sys::fcntl(fd, F_SETLKW, &wanted);
      },
      [&] {
        record.l_type = F_UNLCK;
        sys::fcntl(fd, F_SETLK, &record);
      });
  must("flock", sys::flock(fd, 2));
  interrupt(
      "flock", SA_RESTART, [] { return sys::flock(open_or_end("file", O_RDWR), 2); },
      [&] { sys::flock(fd, 8); });
}

GUEST_CASE(interrupted_calls_that_stop_without_sa_restart) {
  const auto nothing = [] {};
  must("mknod", sys::mknod("fifo", S_IFIFO | 0644, 0));
  interrupt("open of a fifo", 0, [] { return sys::open("fifo", O_RDONLY); }, nothing);
  write_file("file", "x");
  const int fd = open_or_end("file", O_RDWR);
  struct flock record{F_WRLCK, SEEK_SET, 0, 0, 0};
  must("fcntl", sys::fcntl(fd, F_SETLK, &record));
  interrupt(
      "F_SETLKW", 0,
      [&] {
        struct flock wanted{F_WRLCK, SEEK_SET, 0, 0, 0};
        return sys::fcntl(fd, F_SETLKW, &wanted);
      },
      nothing);
  must("flock", sys::flock(fd, 2));
  interrupt("flock", 0, [] { return sys::flock(open_or_end("file", O_RDWR), 2); }, nothing);
  interrupt(
      "eventfd", 0,
      [] {
        uint64_t value;
        return sys::read(sys::eventfd2(0, 0), &value, 8);
      },
      nothing);
  interrupt(
      "waitid", 0,
      [] {
        siginfo_t info;
        const int child = start_child([] {
          for (;;) sys::pause();
        });
        const long result = sys::waitid(P_PID, child, &info, WEXITED, nullptr);
        sys::kill(child, SIGKILL);
        return result;
      },
      nothing);
}

}  // namespace weft::guest
