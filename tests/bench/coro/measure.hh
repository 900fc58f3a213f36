// What the files of the benchmark share.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace weft::bench {

// The nanoseconds of one of `count` operations that work() does.
template <typename Work>
double per_operation(double count, Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start)
             .count() /
         count;
}

inline double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A table of measures: main.cc puts those of all files together.
struct Measure {
  const char* name;
  double (*run)();
};

extern const Measure k_switches[];
extern const Measure k_spawns[];
extern const Measure k_waits[];
extern const Measure k_values[];
extern const Measure k_pairs[];
extern const Measure k_idle[];

}  // namespace weft::bench
