// A measurement: a function, registered by its name, that returns what one operation costs.
#pragma once

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"
#include "guest/support/process.hh"

namespace weft::bench {

using namespace guest;

struct Measurement {
  const char* name;
  const char* unit;
  double (*run)();
};

inline uint64_t time_stamp() {
  uint32_t low;
  uint32_t high;
  asm volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
  return uint64_t{high} << 32 | low;
}

// The cost of one call of `operation`: the cheapest of five batches, after one that warms up. Whatever
// else runs on a machine makes a batch dearer, never cheaper.
template <typename Operation>
double per_operation(int count, Operation operation) {
  double best = 0;
  for (int batch = 0; batch < 6; ++batch) {
    const uint64_t before = time_stamp();
    for (int round = 0; round < count; ++round) operation();
    const double cost = static_cast<double>(time_stamp() - before) / count;
    if (batch == 1 || (batch > 1 && cost < best)) best = cost;
  }
  return best;
}

// This thread, and whatever it starts, on one CPU: two sides that take turns then switch.
inline void stay_on_one_cpu() {
  const uint64_t first = 1;
  sys::sched_setaffinity(0, sizeof first, &first);
}

// Runs a measurement in a child, so that what it changes is gone afterwards.
double in_child(double (*run)());

}  // namespace weft::bench

#define BENCHMARK_IN(benchmark_name, unit)                                             \
  static double measure_##benchmark_name();                                            \
  [[gnu::section("guest_benchmarks"), gnu::used,                                       \
    gnu::retain]] static const ::weft::bench::Measurement registered_##benchmark_name{ \
      #benchmark_name, unit, measure_##benchmark_name};                                \
  static double measure_##benchmark_name()

// In ticks of the time stamp counter.
#define BENCHMARK(benchmark_name) BENCHMARK_IN(benchmark_name, "ticks")
