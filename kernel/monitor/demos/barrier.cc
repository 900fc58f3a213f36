#include "core/sync/barrier.hh"
#include "core/base/atomic.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_threads = 4;
constexpr unsigned k_rounds = 4;

bool run(Sink& out) {
  Barrier barrier(k_threads);
  std::array<Atomic<unsigned>, k_rounds> arrived{};
  Atomic<bool> somebody_ran_ahead{false};
  Atomic<unsigned> last_ones{0};
  Crew<k_threads> crew;
  for (unsigned self = 0; self < k_threads; ++self) {
    crew.add({.name = "runner"}, [&, self] {
      for (unsigned round = 0; round < k_rounds; ++round) {
        sched::sleep_for((self + round) % k_threads * k_millisecond);
        arrived[round].fetch_add(1, relaxed);
        const bool was_last = barrier.arrive_and_wait();
        if (arrived[round].load(relaxed) != k_threads) somebody_ran_ahead.store(true, relaxed);
        if (!was_last) continue;
        last_ones.fetch_add(1, relaxed);
        say(out, "round {}: runner {} was the last to come", round + 1, self);
      }
    });
  }
  if (!crew.run(out)) return false;
  return !somebody_ran_ahead.load(relaxed) && last_ones.load(relaxed) == k_rounds;
}

}  // namespace

constinit const Demo barrier_demo{
    "barrier", "nobody passes until all have come",
    "Four runners take a different time for each round, and meet at the barrier after it.\n"
    "Nobody begins a round before all have finished the one before.\n"
    "The last to come opens the barrier: exactly one in each round.",
    run};

}  // namespace weft::monitor
