// Waiting without sleeping, for what another CPU is about to do.
#pragma once

#include <cstdint>

namespace weft::sys {

// Tells the CPU (and an emulator) that this is a loop that waits.
inline void relax() { __builtin_ia32_pause(); }

// A little while between two looks for what need not come: that many pauses, of some 10 to 50 ns.
inline void linger(uint32_t pauses) {
  for (uint32_t i = 0; i < pauses; ++i) relax();
}

// For who waits for another CPU and could sleep instead: is it over when to sleep, and to be woken, would have taken
// no longer? Then waiting has cost at most twice what the better of the two would have. By the CPU's time
// stamps, since a pause is four times as long on one as on another: some microseconds.
class SpinTime {
 public:
  bool is_over() const { return __builtin_ia32_rdtsc() - start_ >= k_most; }

 private:
  static constexpr uint64_t k_most = 20'000;
  uint64_t start_ = __builtin_ia32_rdtsc();
};

// How many CPUs this process may use.
uint32_t cpu_count();
// Whether another CPU can be at work while this one waits: with one CPU, waiting only keeps away whom
// we wait for.
inline bool has_other_cpus() { return cpu_count() > 1; }

}  // namespace weft::sys
