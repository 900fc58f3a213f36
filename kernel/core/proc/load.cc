#include "core/proc/load.hh"

#include "core/base/atomic.hh"
#include "core/sched/cpu.hh"
#include "core/sched/timer.hh"

namespace weft::proc {
namespace {

constexpr Nanoseconds k_pause = 5 * k_second;
// exp(-5/60), exp(-5/300), exp(-5/900), in parts of the unit.
constexpr std::array<uint64_t, 3> k_factors = {1884, 2014, 2037};

constinit std::array<Atomic<uint64_t>, 3> averages{};

void look(void*);
[[clang::no_destroy]] constinit sched::Timer timer(look, nullptr, sched::Timer::Lock::free);

void look(void*) {
  const uint64_t threads = runnable_threads();
  for (size_t i = 0; i < averages.size(); ++i) {
    averages[i].store(next_load(averages[i].load(relaxed), k_factors[i], threads), relaxed);
  }
  timer.start(hal::now() + k_pause);
}

}  // namespace

uint64_t runnable_threads() {
  uint64_t threads = 0;
  for (unsigned id = 0; id < hal::cpu_count(); ++id) {
    const sched::Cpu& cpu = sched::cpus[id];
    threads += cpu.queue.queued() + (cpu.queue.running() != &cpu.idle ? 1 : 0);
  }
  return threads;
}

void start_load_averages() { timer.start(hal::now() + k_pause); }

std::array<uint64_t, 3> load_averages() {
  return {averages[0].load(relaxed), averages[1].load(relaxed), averages[2].load(relaxed)};
}

}  // namespace weft::proc
