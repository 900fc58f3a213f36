// On how few CPUs a demo runs, and a piece of work to keep them busy.
#pragma once

#include "core/base/types.hh"
#include "userlib/thread/scheduling.hh"

namespace weft {

// One of those that this process may use, always the same.
inline cpu_set one_cpu() {
  const Result<cpu_set> ours = get_cpus(0);
  unsigned first = 0;
  while (ours && first + 1 < cpu_set::k_most && !ours->contains(first)) ++first;
  return {first};
}

// Keeps a CPU busy with so many steps.
inline void work(int steps) {
  volatile uint32_t number = 1;
  for (int i = 0; i < steps; ++i) number = number * 1664525 + 1013904223;
}

}  // namespace weft
