// What cases on the userlib use beside support/case.hh. The headers of support/ about processes and
// threads bring Linux's own structures, which do not go together with <chrono>'s; here is the same over
// the userlib.
#pragma once

#include <string_view>
#include <type_traits>

#include "guest/support/case.hh"
#include "userlib/base/file.hh"
#include "userlib/base/text.hh"
#include "userlib/base/vector.hh"
#include "userlib/process/process.hh"
#include "userlib/thread/thread.hh"

namespace weft::guest {

// "what: exited 3" or "what: killed by SIGSEGV".
inline void show_status(std::string_view what, exit_status status) {
  if (status.exited()) {
    say("{}: exited {}", what, status.code());
  } else {
    say("{}: killed by SIG{}", what, signal_name(status.signal()));
  }
}

// "what: 0", or "what: EBADF".
template <typename T>
void show_outcome(std::string_view what, const Result<T>& result) {
  show(what, result.has_value() ? 0 : -static_cast<long>(result.error()));
}

// Runs `body` in a child to its end, and shows how that was.
template <typename Body>
void show_child(std::string_view what, Body&& body) {
  show_status(what, process::run(body)->wait());
}

// Lets others run until that thread is blocked in the kernel.
inline void wait_until_blocked(const thread& thread) {
  const auto path = format_string("/proc/self/task/{}/stat", thread.native_handle());
  for (;;) {
    const auto text = weft::read_file(path.c_str());
    if (text && text->view().substr(text->view().rfind(')')).starts_with(") S")) return;
    this_thread::yield();
  }
}

// body(0), body(1), ... in threads of their own, to their end.
template <typename Body>
void run_team(int count, Body body) {
  Vector<thread> team;
  for (int own = 0; own < count; ++own) team.push_back(thread([&body, own] { body(own); }));
  for (thread& each : team) each.join();
}

}  // namespace weft::guest
