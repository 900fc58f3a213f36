// What the kernel's basic operations cost, by the time stamp counter. Under QEMU's -icount shift=0 it
// counts instructions, and so the figures are the same in every run (tools/weft bench holds them to
// bars); otherwise they are ticks of whatever clock it is.
#include <algorithm>
#include <span>
#include <utility>

#include "core/base/atomic.hh"
#include "core/mm/page_frames.hh"
#include "core/sync/mutex.hh"
#include "core/sync/semaphore.hh"
#include "core/trace/trace.hh"
#include "dev/report.hh"
#include "kernel/selftest.hh"
#include "kernel/threads.hh"
#include "x86_64/registers.hh"

namespace weft::selftest {
namespace {

constexpr size_t k_samples = 301;

// Many measurements of one operation.
class Samples {
 public:
  void add(uint64_t ticks) {
    if (count_ < k_samples) ticks_[count_++] = ticks;
  }
  bool full() const { return count_ == k_samples; }
  void sort() { std::sort(ticks_.begin(), ticks_.begin() + static_cast<ptrdiff_t>(count_)); }
  uint64_t least() const { return ticks_[0]; }
  uint64_t median() const { return ticks_[count_ / 2]; }

 private:
  std::array<uint64_t, k_samples> ticks_{};
  size_t count_ = 0;
};

// What measuring costs by itself; taken off all that is measured.
uint64_t cost_of_measuring = 0;

template <typename Operation>
void measure(Samples& samples, Operation operation) {
  while (!samples.full()) {
    const uint64_t start = x86::read_tsc();
    operation();
    samples.add(x86::read_tsc() - start);
  }
}

// A loop of 2,000 instructions takes 2,000 ticks only if the clock counts instructions.
bool clock_counts_instructions() {
  constexpr uint64_t k_rounds = 1000;
  uint64_t rounds = k_rounds;
  const uint64_t start = x86::read_tsc();
  asm volatile("1: dec %0\n\tjnz 1b" : "+r"(rounds)::"cc");
  const uint64_t took = x86::read_tsc() - start - cost_of_measuring;
  return took >= 2 * k_rounds && took < 2 * k_rounds + 4;
}

void publish(std::string_view name, Samples& samples, std::string_view unit) {
  samples.sort();
  const uint64_t median = samples.median() - std::min(samples.median(), cost_of_measuring);
  const uint64_t least = samples.least() - std::min(samples.least(), cost_of_measuring);
  hal::write_log(Text<100>("{:<24}{:>8}{:>8}  {}\n", name, least, median, unit).view());
  dev::report("bench", "{} {} {}", name, median, unit);
}

// ---- The operations ------------------------------------------------------------------------------

// From one thread's call of yield() to another's return from its own.
void thread_switch(Samples& samples) {
  uint64_t called_at = 0;
  unsigned caller = 0;
  const auto take_turns = [&](unsigned self) {
    while (!samples.full()) {
      caller = self;
      called_at = x86::read_tsc();
      sched::yield();
      const uint64_t now = x86::read_tsc();
      if (caller != self) samples.add(now - called_at);
    }
  };
  Crew<2> crew;
  for (unsigned self = 0; self < 2; ++self) {
    crew.add({.cpu_mask = only_cpu(0)}, [&take_turns, self] { take_turns(self); });
  }
}

void mutex_lock_unlock(Samples& samples) {
  Mutex mutex(Rank::user);
  measure(samples, [&] { MutexGuard guard(mutex); });
}

void spin_lock_unlock(Samples& samples) {
  SpinLock lock(Rank::user_spin);
  measure(samples, [&] { SpinGuard guard(lock); });
}

void thread_create_join(Samples& samples) {
  measure(samples, [] { start({}, [] {}).join(); });
}

// There and back again.
void semaphore_ping_pong(Samples& samples) {
  Semaphore ping(0);
  Semaphore pong(0);
  bool over = false;
  Crew<1> crew;
  crew.add({.cpu_mask = only_cpu(0)}, [&] {
    for (;;) {
      ping.acquire();
      if (over) return;
      pong.release();
    }
  });
  measure(samples, [&] {
    ping.release();
    pong.acquire();
  });
  over = true;
  ping.release();
}

// From the end of a sleep to the sleeper's return: on an idle CPU, so with the interrupt and the switch.
void sleep_overshoot(Samples& samples) {
  while (!samples.full()) {
    const Instant deadline = hal::now() + 100 * k_microsecond;
    sched::sleep_until(deadline);
    samples.add(hal::now() - deadline);
  }
}

// From a release() to the return of the waiter's acquire().
void wake_up(Samples& samples) {
  Semaphore bell(0);
  uint64_t rung_at = 0;
  Crew<1> crew;
  Thread& waiter = crew.add({.cpu_mask = only_cpu(0)}, [&] {
    while (!samples.full()) {
      bell.acquire();
      samples.add(x86::read_tsc() - rung_at);
    }
  });
  while (!samples.full()) {
    await_blocked(waiter, BlockReason::waiting);
    rung_at = x86::read_tsc();
    bell.release();
    sched::yield();
  }
}

void page_allocate_free(Samples& samples) {
  measure(samples, [] {
    if (const Result<PhysAddr> page = mm::page_frames.allocate(0)) mm::page_frames.free(*page, 0);
  });
}

// Sixteen places that would be traced, with tracing off.
void trace_off_16(Samples& samples) {
  measure(samples, [] {
    [&]<size_t... k_number>(std::index_sequence<k_number...>) {
      (trace::record(trace::Kind::wakes, k_number), ...);
    }(std::make_index_sequence<16>());
  });
}

// One event into a stream, as `make trace` has it written. The stream is large enough for all of them.
void trace_event(Samples& samples) {
  const Result<PhysAddr> block = mm::page_frames.allocate(mm::PageFrames::k_largest_order);
  if (!block.has_value()) return;
  trace::use_stream(0, std::span(&*block, 1));
  const bool was_on = trace::is_on.exchange(true, relaxed);
  measure(samples, [] { trace::record(trace::Kind::wakes, 1, 2, 3); });
  trace::is_on.store(was_on, relaxed);
  trace::use_recorder(0);
  mm::page_frames.free(*block, mm::PageFrames::k_largest_order);
}

struct Benchmark {
  std::string_view name;
  void (*run)(Samples& samples);
};

constexpr std::array k_benchmarks{
    Benchmark{"thread_switch", thread_switch},
    Benchmark{"mutex_lock_unlock", mutex_lock_unlock},
    Benchmark{"spin_lock_unlock", spin_lock_unlock},
    Benchmark{"thread_create_join", thread_create_join},
    Benchmark{"semaphore_ping_pong", semaphore_ping_pong},
    Benchmark{"wake_up", wake_up},
    Benchmark{"sleep_overshoot", sleep_overshoot},
    Benchmark{"page_allocate_free", page_allocate_free},
    Benchmark{"trace_off_16", trace_off_16},
    Benchmark{"trace_event", trace_event},
};

}  // namespace

void run_benchmarks() {
  const PinnedTo here(0);
  static Samples samples;  // too large for a stack
  cost_of_measuring = 0;
  samples = {};
  measure(samples, [] {});
  samples.sort();
  cost_of_measuring = samples.median();
  const std::string_view unit = clock_counts_instructions() ? "instructions" : "ticks";
  hal::write_log(Text<100>("\n{:<24}{:>8}{:>8}\n", "operation", "least", "median").view());
  for (const Benchmark& benchmark : k_benchmarks) {
    samples = {};
    benchmark.run(samples);
    publish(benchmark.name, samples, unit);
  }
}

}  // namespace weft::selftest
