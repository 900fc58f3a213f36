// Run:      workers
// Look for: the same answers from both pools, in order; then a worker crashes, in one pool and in the other.
// Why:      threads are cheaper to hand work to; a process that crashes costs one job, and is replaced.
#include <chrono>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/process.hh"
#include "userlib/process/process_pool.hh"
#include "userlib/thread/thread_pool.hh"

namespace weft {
namespace {

// Something to compute: how many primes there are below n.
int count_primes(int n) {
  int count = 0;
  for (int candidate = 2; candidate < n; ++candidate) {
    bool is_prime = true;
    for (int divisor = 2; divisor * divisor <= candidate && is_prime; ++divisor) {
      is_prime = candidate % divisor != 0;
    }
    if (is_prime) ++count;
  }
  return count;
}

int count_or_crash(int n) {
  if (n == 3000) __builtin_trap();
  return count_primes(n);
}

template <typename Work>
int64_t microseconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return (std::chrono::steady_clock::now() - start) / std::chrono::microseconds(1);
}

}  // namespace

int workers_main(Arguments) {
  Vector<int> jobs;
  for (int n = 1000; n <= 8000; n += 1000) jobs.push_back(n);
  // First the processes: they are copies of this one, best made while it has one thread only.
  process_pool processes(2);
  thread_pool threads(2);

  print("primes below each, by\n  threads:  ");
  const auto by_threads = [&] {
    for (const int count : threads.map(jobs, count_primes)) print(" {}", count);
  };
  const int64_t threads_took = microseconds(by_threads);
  print("\n  processes:");
  const auto by_processes = [&] {
    for (const auto& count : processes.map(jobs, count_primes)) print(" {}", count.value());
  };
  const int64_t processes_took = microseconds(by_processes);
  print("\n  took {} and {} microseconds\n", threads_took, processes_took);

  print("the worker of the third job crashes\n ");
  for (const auto& count : processes.map(jobs, count_or_crash)) {
    if (count) {
      print(" {}", *count);
    } else {
      print(" ({})", describe_signal(count.error().signal()));
    }
  }
  print("\nthe pool has as many workers as before: {}\n", processes.size());
  auto program = process::run([&jobs] {
    thread_pool pool(2);
    for (const int count : pool.map(jobs, count_or_crash)) print(" {}", count);
  });
  print("the same in a pool of threads: the whole program, {}\n",
        describe_signal(program->wait().signal()));

  threads
      .apply_async([] { return count_primes(100); },
                   [](int count) { print("called back with {}\n", count); })
      .get();
  return 0;
}

}  // namespace weft
