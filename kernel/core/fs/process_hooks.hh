// What files ask of the process that uses them. The room of processes stands above this one, so it
// fills these in at boot; until then nothing is limited.
#pragma once

#include <cstdint>

namespace weft::fs {

struct ProcessHooks {
  // How large the running process may make a file (RLIMIT_FSIZE).
  uint64_t (*file_size_limit)() = [] { return ~uint64_t{0}; };
  // It tried to go beyond: SIGXFSZ.
  void (*file_size_exceeded)() = [] {};
};

extern ProcessHooks process_hooks;

}  // namespace weft::fs
