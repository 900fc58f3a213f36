// Children: make one from a function, wait for it, say how it ended, and know when it is blocked.
#pragma once

#include <string_view>
#include <type_traits>

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

// A child that runs `body` and exits with its result (0 when it has none). Its process id.
template <typename Body>
int start_child(Body&& body) {
  const long pid = must("fork", sys::fork());
  if (pid != 0) return static_cast<int>(pid);
  if constexpr (std::is_void_v<decltype(body())>) {
    body();
    sys::exit_group(0);
  } else {
    sys::exit_group(body());
  }
  __builtin_unreachable();
}

// Waits for this child to end; its wait status.
int wait_for(int pid);

// "what: exited 3", "what: killed by SIGSEGV", "what: stopped by SIGTSTP", "what: continued".
void show_status(std::string_view what, int status);

// Runs `body` in a child to its end, and shows how that was.
template <typename Body>
void show_child(std::string_view what, Body&& body) {
  show_status(what, wait_for(start_child(body)));
}

// The state letter of a thread or process in /proc: R, S, T, Z ...; '\0' when there is no such one.
char state_of(int tid);

// Lets others run until that thread is blocked in the kernel, or stopped, or a zombie. This is how a
// case knows that somebody waits, without hoping that some time is enough.
void wait_until_blocked(int tid);
void wait_until_state(int tid, char state);

// The 1-based field of /proc/PID/stat, as a number.
long stat_field(int pid, int field);

}  // namespace weft::guest
