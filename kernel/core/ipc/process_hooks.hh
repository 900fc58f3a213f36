// What the files of this room ask of processes, which stand above it: proc fills it in at boot.
// Until then, and in tests that have no processes, there is one process and nobody gets a signal.
#pragma once

#include <cstdint>

#include "core/abi/socket.hh"
#include "core/base/result.hh"
#include "core/fs/file_context.hh"

namespace weft::ipc {

class Terminal;

// The running process, as a terminal sees it.
struct Caller {
  int32_t process = 1;
  int32_t group = 1;
  int32_t session = 1;
  // What it last took for its controlling terminal, and when: it may have lost it since.
  Terminal* terminal = nullptr;
  uint32_t tenure = 0;

  bool leads_session() const { return process == session; }
};

struct ProcessHooks {
  // Sends the running thread a signal.
  void (*signal_self)(int signal) = [](int) {};
  void (*signal_group)(int32_t group, int signal) = [](int32_t, int) {};

  // Whose the running process is; its number is 0 if it is ending.
  abi::SocketCredentials (*credentials)() = [] { return abi::SocketCredentials{1, 0, 0}; };
  // Where its relative paths begin, and which rights its new files don't get.
  Ref<fs::FileContext> (*file_context)() = [] { return Ref<fs::FileContext>(); };
  Caller (*caller)() = [] { return Caller{}; };
  // From now on that terminal controls the running process; nullptr: none.
  void (*set_terminal)(Terminal* terminal, uint32_t tenure) = [](Terminal*, uint32_t) {};
  // The running thread blocks or ignores the signal.
  bool (*is_deaf_to)(int signal) = [](int) { return false; };
  // Nobody would continue the running process's group if it stopped.
  bool (*is_orphaned)() = [] { return false; };
  // Which session the group belongs to; Errno::srch.
  Result<int32_t> (*session_of_group)(int32_t group) = [](int32_t) -> Result<int32_t> { return 1; };
};

extern ProcessHooks process_hooks;

}  // namespace weft::ipc
