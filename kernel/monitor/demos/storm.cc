#include "core/base/atomic.hh"
#include "core/sync/mutex.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_threads = 8;
constexpr unsigned k_rounds = 2000;

// Some rounds are longer than others: then the thread loses its CPU between reading and writing.
void linger(unsigned round) {
  if (round % 256 == 0) sched::sleep_for(300 * k_microsecond);
}

bool run(Sink& out) {
  Mutex mutex(Rank::user);
  unsigned guarded = 0;
  Atomic<unsigned> unguarded{0};
  Crew<k_threads> crew;
  for (unsigned i = 0; i < k_threads; ++i) {
    crew.add({.name = "storm"}, [&] {
      for (unsigned round = 0; round < k_rounds; ++round) {
        const unsigned seen = unguarded.load(relaxed);
        linger(round);
        unguarded.store(seen + 1, relaxed);
      }
      for (unsigned round = 0; round < k_rounds; ++round) {
        MutexGuard guard(mutex);
        const unsigned seen = guarded;
        linger(round);
        guarded = seen + 1;
      }
    });
  }
  if (!crew.run(out)) return false;
  constexpr unsigned k_expected = k_threads * k_rounds;
  const unsigned left = unguarded.load(relaxed);
  say(out, "expected         {:>6}", k_expected);
  say(out, "with the mutex   {:>6}", guarded);
  say(out, "without          {:>6}, {} updates lost", left, k_expected - left);
  return guarded == k_expected && left < k_expected;
}

}  // namespace

constinit const Demo storm_demo{
    "storm", "eight threads count together, with a mutex and without",
    "Each adds one, 2000 times, to one counter, and then to another that is guarded by a mutex.\n"
    "Both are read, and written a moment later; a thread may lose the CPU between the two.\n"
    "Without the mutex, others' additions in that moment are overwritten: lost updates.",
    run};

}  // namespace weft::monitor
