// What the files of this room ask of processes, which stand above it: proc fills it in at boot.
// Until then, and in tests that have no processes, nobody gets a signal.
#pragma once

#include <cstdint>

namespace weft::ipc {

struct ProcessHooks {
  // Sends the running thread a signal.
  void (*signal_self)(int signal) = [](int) {};
};

extern ProcessHooks process_hooks;

}  // namespace weft::ipc
