// The console as a terminal: attributes, window size, sessions, foreground and background. Nobody types
// here; what typing does is tested by the shell sessions.
#include "guest/support/clock.hh"
#include "guest/support/files.hh"
#include "guest/support/names.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

// The console; what the case changes about it is put back at the end.
class Terminal {
 public:
  explicit Terminal(int flags = O_RDWR) : fd_(open_or_end("/dev/console", flags | O_NOCTTY)) {
    must("ask for its attributes", sys::ioctl(fd_, TCGETS, &before_));
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    sys::ioctl(fd_, TCSETS, &before_);
    if (controlling_) {
      ignore(SIGHUP);
      sys::ioctl(fd_, TIOCNOTTY, 0);
    }
  }

  void make_controlling() {
    must("make it the controlling terminal", sys::ioctl(fd_, TIOCSCTTY, 0));
    controlling_ = true;
  }

  void change_flags(unsigned set, unsigned clear) {
    termios attributes = before_;
    attributes.c_lflag = (attributes.c_lflag | set) & ~clear;
    must("change its flags", sys::ioctl(fd_, TCSETS, &attributes));
  }

  int fd() const { return fd_; }
  const termios& attributes() const { return before_; }

 private:
  int fd_;
  bool controlling_ = false;
  termios before_{};
};

// A child in a group of its own, which is in the background.
template <typename Body>
int start_background(Body body) {
  Shared<Gate> ready;
  const int child = start_child([&] {
    ready->pass();
    return body();
  });
  must("setpgid", sys::setpgid(child, child));
  ready->open();
  return child;
}

void show_stop_and_kill(std::string_view what, int child) {
  int status = 0;
  sys::wait4(child, &status, WUNTRACED, nullptr);
  show_status(what, status);
  sys::kill(child, SIGKILL);
  if ((status & 0xff) == 0x7f) wait_for(child);
}

}  // namespace

GUEST_CASE(terminal_starts_cooked) {
  Terminal terminal;
  const termios& attributes = terminal.attributes();
  check("ICANON", (attributes.c_lflag & ICANON) != 0);
  check("ECHO", (attributes.c_lflag & ECHO) != 0);
  check("ISIG", (attributes.c_lflag & ISIG) != 0);
  check("ICRNL", (attributes.c_iflag & ICRNL) != 0);
  check("OPOST and ONLCR", (attributes.c_oflag & OPOST) != 0 && (attributes.c_oflag & ONLCR) != 0);
  say("VINTR {}, VQUIT {}, VERASE {}, VEOF {}, VSUSP {}", attributes.c_cc[VINTR],
      attributes.c_cc[VQUIT], attributes.c_cc[VERASE], attributes.c_cc[VEOF],
      attributes.c_cc[VSUSP]);
}

GUEST_CASE(terminal_keeps_the_attributes_one_sets) {
  Terminal terminal;
  termios wanted = terminal.attributes();
  wanted.c_lflag &= ~(ICANON | ECHO);
  wanted.c_cc[VMIN] = 3;
  wanted.c_cc[VINTR] = 7;
  for (const unsigned request : {TCSETS, TCSETSW, TCSETSF}) {
    show("set", sys::ioctl(terminal.fd(), request, &wanted));
    termios now{};
    show("get", sys::ioctl(terminal.fd(), TCGETS, &now));
    check("what was set",
          now.c_lflag == wanted.c_lflag && now.c_cc[VMIN] == 3 && now.c_cc[VINTR] == 7);
    wanted.c_lflag ^= ECHO;
  }
}

GUEST_CASE(terminal_errors) {
  Terminal terminal;
  show("a bad pointer to get", sys::ioctl(terminal.fd(), TCGETS, k_bad_pointer));
  show("a bad pointer to set", sys::ioctl(terminal.fd(), TCSETS, k_bad_pointer));
  show("a bad window size", sys::ioctl(terminal.fd(), TIOCSWINSZ, k_bad_pointer));
  show("an unknown request", sys::ioctl(terminal.fd(), 0x5499, 0));
  show("lseek", sys::lseek(terminal.fd(), 0, SEEK_CUR));
  show("flush of what is not known", sys::ioctl(terminal.fd(), TCFLSH, 9));
  show("flush", sys::ioctl(terminal.fd(), TCFLSH, 2));
}

GUEST_CASE(terminal_window_size_is_kept_and_told) {
  Terminal terminal;
  terminal.make_controlling();
  static int told;
  handle(SIGWINCH, [](int) { ++told; });
  winsize before{};
  must("get", sys::ioctl(terminal.fd(), TIOCGWINSZ, &before));
  const winsize wanted{33, 101, 0, 0};
  show("set", sys::ioctl(terminal.fd(), TIOCSWINSZ, &wanted));
  winsize now{};
  show("get", sys::ioctl(terminal.fd(), TIOCGWINSZ, &now));
  say("{} rows, {} columns", now.ws_row, now.ws_col);
  show("SIGWINCHs", told);
  show("the same again", sys::ioctl(terminal.fd(), TIOCSWINSZ, &wanted));
  show("SIGWINCHs", told);
  sys::ioctl(terminal.fd(), TIOCSWINSZ, &before);
}

GUEST_CASE(terminal_of_a_session) {
  show("/dev/tty without one", sys::open("/dev/tty", O_RDWR));
  Terminal terminal;
  int number = 0;
  show("its group, if it isn't ours", sys::ioctl(terminal.fd(), TIOCGPGRP, &number));
  show("its session, if it isn't ours", sys::ioctl(terminal.fd(), TIOCGSID, &number));
  terminal.make_controlling();
  show("again", sys::ioctl(terminal.fd(), TIOCSCTTY, 0));
  show("/dev/tty with one", sys::open("/dev/tty", O_RDWR));
  show("its session", sys::ioctl(terminal.fd(), TIOCGSID, &number));
  check("is this one", number == sys::getsid(0));
  show("its group", sys::ioctl(terminal.fd(), TIOCGPGRP, &number));
  check("is this one", number == sys::getpgrp());
}

GUEST_CASE(terminal_needs_a_session_leader) {
  Terminal terminal;
  show_child("child", [&] {
    show("TIOCSCTTY by another than the leader", sys::ioctl(terminal.fd(), TIOCSCTTY, 0));
  });
}

GUEST_CASE(terminal_is_given_up) {
  Terminal terminal;
  ignore(SIGHUP);
  must("TIOCSCTTY", sys::ioctl(terminal.fd(), TIOCSCTTY, 0));
  show("TIOCNOTTY", sys::ioctl(terminal.fd(), TIOCNOTTY, 0));
  show("/dev/tty", sys::open("/dev/tty", O_RDWR));
  show("TIOCNOTTY again", sys::ioctl(terminal.fd(), TIOCNOTTY, 0));
}

GUEST_CASE(terminal_given_up_by_the_leader_tells_the_foreground) {
  Terminal terminal;
  must("TIOCSCTTY", sys::ioctl(terminal.fd(), TIOCSCTTY, 0));
  static int hups;
  handle(SIGHUP, [](int) { ++hups; });
  must("TIOCNOTTY", sys::ioctl(terminal.fd(), TIOCNOTTY, 0));
  show("SIGHUPs", hups);
}

GUEST_CASE(terminal_is_lost_by_setsid) {
  Terminal terminal;
  terminal.make_controlling();
  show_child("child", [] {
    check("it has one", sys::open("/dev/tty", O_RDWR) > 0);
    must("setsid", sys::setsid());
    show("/dev/tty in the new session", sys::open("/dev/tty", O_RDWR));
  });
}

GUEST_CASE(terminal_foreground_group_changes) {
  Terminal terminal;
  terminal.make_controlling();
  const int child = start_background([] {
    for (;;) sys::pause();
    return 0;
  });
  show("set", sys::ioctl(terminal.fd(), TIOCSPGRP, &child));
  int number = 0;
  must("get", sys::ioctl(terminal.fd(), TIOCGPGRP, &number));
  check("it is the child's", number == child);
  ignore(SIGTTOU);
  const int own = static_cast<int>(sys::getpgrp());
  show("back, from the background, with SIGTTOU ignored",
       sys::ioctl(terminal.fd(), TIOCSPGRP, &own));
  const int nobody = 12345678;
  show("a group of nobody", sys::ioctl(terminal.fd(), TIOCSPGRP, &nobody));
  const int negative = -5;
  show("a negative one", sys::ioctl(terminal.fd(), TIOCSPGRP, &negative));
  const int other_session = 1;
  check("a group of another session", sys::ioctl(terminal.fd(), TIOCSPGRP, &other_session) < 0);
  sys::kill(child, SIGKILL);
}

GUEST_CASE(terminal_background_read_stops) {
  Terminal terminal;
  terminal.make_controlling();
  show_stop_and_kill("reader", start_background([&] {
                       char byte;
                       return static_cast<int>(sys::read(terminal.fd(), &byte, 1));
                     }));
}

GUEST_CASE(terminal_background_read_with_sigttin_ignored_fails) {
  Terminal terminal;
  terminal.make_controlling();
  const int child = start_background([&] {
    ignore(SIGTTIN);
    char byte;
    show("read", sys::read(terminal.fd(), &byte, 1));
    return 0;
  });
  show_status("reader", wait_for(child));
}

GUEST_CASE(terminal_background_write_is_free_unless_tostop) {
  Terminal terminal;
  terminal.make_controlling();
  const int child =
      start_background([&] { return static_cast<int>(sys::write(terminal.fd(), "", 0)); });
  show_status("writer", wait_for(child));
  terminal.change_flags(TOSTOP, 0);
  show_stop_and_kill("writer under TOSTOP", start_background([&] {
                       return static_cast<int>(sys::write(terminal.fd(), "", 0));
                     }));
  const int ignoring = start_background([&] {
    ignore(SIGTTOU);
    return static_cast<int>(sys::write(terminal.fd(), "", 0));
  });
  show_status("and one that ignores SIGTTOU", wait_for(ignoring));
}

GUEST_CASE(terminal_background_change_of_attributes_stops) {
  Terminal terminal;
  terminal.make_controlling();
  const auto change = [&] {
    return static_cast<int>(sys::ioctl(terminal.fd(), TCSETS, &terminal.attributes()));
  };
  show_stop_and_kill("TCSETS", start_background(change));
  const int child = start_background([&] {
    block(signal_set(SIGTTOU));
    return change();
  });
  show_status("TCSETS with SIGTTOU blocked", wait_for(child));
}

GUEST_CASE(terminal_reads_without_waiting) {
  Terminal terminal(O_RDWR | O_NONBLOCK);
  char byte;
  show("cooked", sys::read(terminal.fd(), &byte, 1));
  int count = 77;
  show("FIONREAD", sys::ioctl(terminal.fd(), FIONREAD, &count));
  show("bytes", count);
  pollfd one{terminal.fd(), POLLIN | POLLOUT, 0};
  show("poll", sys::poll(&one, 1, 0));
  show("events", one.revents);
}

GUEST_CASE(terminal_raw_with_vmin_0_returns_at_once_or_after_vtime) {
  Terminal terminal;
  termios raw = terminal.attributes();
  raw.c_lflag &= ~(ICANON | ECHO | ISIG);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  must("set", sys::ioctl(terminal.fd(), TCSETS, &raw));
  char byte;
  show("at once", sys::read(terminal.fd(), &byte, 1));
  raw.c_cc[VTIME] = 1;
  must("set", sys::ioctl(terminal.fd(), TCSETS, &raw));
  long result = -1;
  const long long lasted = duration_of([&] { result = sys::read(terminal.fd(), &byte, 1); });
  show("after a tenth of a second", result);
  check("not too early", lasted >= 90 * k_millisecond_ns);
}

GUEST_CASE(terminal_read_is_interrupted) {
  Terminal terminal;
  const int child = start_child([&] {
    handle(SIGUSR1, [](int) {});
    char byte;
    show("read", sys::read(terminal.fd(), &byte, 1));
  });
  wait_until_blocked(child);
  must("kill", sys::kill(child, SIGUSR1));
  wait_for(child);
}

}  // namespace weft::guest
