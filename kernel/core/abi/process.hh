// Processes, their limits, what they used, and the machine they run on.
#pragma once

#include <cstdint>

#include "core/abi/time.hh"

namespace weft::abi {

struct ResourceUsage {
  Timeval user_time;
  Timeval system_time;
  int64_t max_resident;  // KiB
  int64_t shared_memory;
  int64_t data_memory;
  int64_t stack_memory;
  int64_t minor_faults;
  int64_t major_faults;
  int64_t swaps;
  int64_t blocks_in;
  int64_t blocks_out;
  int64_t messages_sent;
  int64_t messages_received;
  int64_t signals;
  int64_t voluntary_switches;
  int64_t involuntary_switches;
};

struct ResourceLimit {
  uint64_t soft;
  uint64_t hard;
};
inline constexpr uint64_t k_no_limit = ~uint64_t{0};

// What clone3 takes. Its first version ended behind `tls`.
struct CloneArguments {
  uint64_t flags;
  uint64_t pidfd;
  uint64_t child_tid;
  uint64_t parent_tid;
  uint64_t exit_signal;
  uint64_t stack;
  uint64_t stack_size;
  uint64_t tls;
  uint64_t set_tid;
  uint64_t set_tid_size;
  uint64_t cgroup;
};

struct SchedulingParameter {
  int32_t priority;
};

struct CapabilityHeader {
  uint32_t version;
  int32_t pid;
};

struct CapabilityData {
  uint32_t effective;
  uint32_t permitted;
  uint32_t inheritable;
};

struct SystemNames {
  char system[65];
  char node[65];
  char release[65];
  char version[65];
  char machine[65];
  char domain[65];
};

struct SystemInfo {
  int64_t uptime;  // seconds
  uint64_t loads[3];
  uint64_t total_ram;
  uint64_t free_ram;
  uint64_t shared_ram;
  uint64_t buffer_ram;
  uint64_t total_swap;
  uint64_t free_swap;
  uint16_t processes;
  uint16_t padding;
  uint64_t total_high;
  uint64_t free_high;
  uint32_t unit;  // all memory counts in units of so many bytes
};

// Locks that the kernel marks when their owner dies: a list through the locks themselves.
struct RobustListHead {
  void* list;
  int64_t futex_offset;
  void* pending;
};

}  // namespace weft::abi
