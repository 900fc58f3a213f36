// A workload: the jobs of a simulation, read from a text file. README.md describes the format.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/types.hh"

namespace weft::schedsim {

struct Burst {
  enum class Kind { cpu, io, yield };

  Kind kind;
  Nanoseconds length = 0;
};

struct JobPlan {
  std::string name;
  Instant arrival = 0;
  int nice = 0;
  std::optional<int> priority;         // the kernel's normal one, if the file says nothing
  std::vector<Burst> bursts;           // one round of them
  std::optional<uint64_t> rounds = 1;  // none: for ever
};

struct Workload {
  Nanoseconds unit = k_millisecond;  // what a number without a suffix means
  Instant until = k_never;
  std::vector<JobPlan> jobs;
};

// Something is wrong with the file; what() is "FILE:LINE: what, and why".
class WorkloadError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

Workload read_workload(const std::string& path);

}  // namespace weft::schedsim
