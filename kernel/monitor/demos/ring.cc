#include "core/sync/semaphore.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_members = 8;
constexpr unsigned k_laps = 200;

// Each member waits at its own semaphore and releases the next member's.
bool run(Sink& out) {
  std::array<Semaphore, k_members> turns{Semaphore(1), Semaphore(0), Semaphore(0), Semaphore(0),
                                         Semaphore(0), Semaphore(0), Semaphore(0), Semaphore(0)};
  unsigned hops = 0;  // whoever has the token may write
  bool in_order = true;
  Crew<k_members> crew;
  for (unsigned self = 0; self < k_members; ++self) {
    crew.add({.name = "ring"}, [&, self] {
      for (unsigned lap = 0; lap < k_laps; ++lap) {
        turns[self].acquire();
        if (hops != lap * k_members + self) in_order = false;
        ++hops;
        if (lap == 0)
          say(out, "lap 1: the token is with member {}, on CPU {}", self, hal::cpu_id());
        turns[(self + 1) % k_members].release();
      }
    });
  }
  const Instant start = hal::now();
  if (!crew.run(out)) return false;
  const Nanoseconds took = hal::now() - start;
  say(out, "{} hops, {} ns each", hops, took / hops);
  return in_order && hops == k_laps * k_members;
}

}  // namespace

constinit const Demo ring_demo{
    "ring", "eight threads pass a token round a ring of semaphores",
    "The members always come in the same order, though no thread knows of any but the next.\n"
    "A semaphore remembers a release that comes before the acquire: no wake-up is lost.\n"
    "Only one member has something to do at a time: more CPUs don't make it faster.",
    run};

}  // namespace weft::monitor
