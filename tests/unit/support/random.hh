// Random: numbers that depend on the seed alone, the same on every host (std::distributions are
// not). For tests and for the simulator's choices.
#pragma once

#include <cstdint>

namespace weft::host {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // SplitMix64: each output is a scrambled count, so all seeds are good ones.
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // From 0 to limit-1; limit is not 0. Slightly uneven for limits near 2^32, which no test has.
  uint64_t below(uint64_t limit) { return (next() >> 32) * limit >> 32; }
  // From low to high, both included.
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low) + 1));
  }
  // True once in n times, on average.
  bool once_in(uint64_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

}  // namespace weft::host
