// Threads for the tests: several that do the same, and a test for "it is asleep now".
#pragma once

#include <functional>
#include <vector>

#include "userlib/base/file.hh"
#include "userlib/thread/thread.hh"

namespace weft {

// Runs body(index) in so many threads, and waits for them.
inline void run_team(unsigned count, const std::function<void(unsigned)>& body) {
  std::vector<thread> team;
  for (unsigned i = 0; i < count; ++i) team.emplace_back(body, i);
  for (thread& each : team) each.join();
}

// Lets others run until that thread is asleep in the kernel. This is how a test knows that somebody
// waits, without hoping that some time is enough.
inline void wait_until_asleep(const thread& thread) {
  const auto path = format_string("/proc/self/task/{}/stat", thread.native_handle());
  for (;;) {
    const auto text = read_file(path.c_str());
    if (!text) return;  // it has ended already
    if (text->view().substr(text->view().rfind(')')).starts_with(") S")) return;
    this_thread::yield();
  }
}

}  // namespace weft
