// What /proc says about the processes. The formats are Linux's, so this works on both kernels.
#pragma once

#include <cstdint>

#include "core/base/result.hh"
#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"

namespace weft {

struct ProcessInfo {
  int32_t pid = 0;
  int32_t parent = 0;
  int32_t group = 0;
  int32_t session = 0;
  int32_t terminal = 0;
  char state = '?';    // R S D T Z, as Linux writes them
  uint64_t ticks = 0;  // CPU time used, in 1/100 s
  int64_t nice = 0;
  int64_t threads = 0;
  uint64_t start = 0;     // ticks after the boot
  uint64_t memory = 0;    // bytes of address space
  uint64_t resident = 0;  // bytes in memory
  int32_t cpu = 0;
  String name;
  String command;  // as it was called; the name in brackets if nobody knows
};

Vector<ProcessInfo> all_processes();

// The life cycle's name for a state: Runnable, Blocked, Dead, ...
std::string_view state_name(char state);

// "1:05" and so on, from ticks.
Text<24> cpu_time_text(uint64_t ticks);

// A number from /proc/meminfo, in KiB.
Result<uint64_t> memory_figure(std::string_view name);
// Seconds since the boot, with two decimals cut off.
Result<uint64_t> uptime_seconds();

}  // namespace weft
