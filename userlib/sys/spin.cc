#include "userlib/sys/spin.hh"

#include "core/base/atomic.hh"
#include "userlib/syscalls.hh"

namespace weft::sys {
namespace {

constinit Atomic<uint32_t> cpus(0);  // of this process; 0: not asked yet

uint32_t count_cpus() {
  uint64_t mask[16] = {};
  if (!sched_getaffinity(0, sizeof mask, mask)) return 1;
  uint32_t count = 0;
  for (const uint64_t word : mask) count += static_cast<uint32_t>(__builtin_popcountll(word));
  return count;
}

}  // namespace

uint32_t cpu_count() {
  uint32_t known = cpus.load(relaxed);
  if (known == 0) {
    known = count_cpus();
    cpus.store(known, relaxed);
  }
  return known;
}

}  // namespace weft::sys
