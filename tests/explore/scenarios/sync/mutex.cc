// The kernel's mutex: one holder at a time, whoever spins, sleeps or is handed the key.
#include "core/sync/mutex.hh"

#include "explore/scenario.hh"

namespace weft::explore {
namespace {

void add_under(Mutex& mutex, int& count) {
  MutexGuard guard(mutex);
  ++count;
}

const Scenario two_cpus{
    {.name = "mutex", .about = "two threads on two CPUs add under a mutex", .cpus = 2},
    [](Stage& stage) {
      Mutex mutex(Rank::user);
      int count = 0;
      stage.thread("A", [&] { add_under(mutex, count); });
      stage.thread("B", [&] { add_under(mutex, count); });
      stage.run();
      check(count == 2, "nothing is lost");
      check(mutex.owner() == nullptr, "nobody holds it at the end");
    }};

}  // namespace
}  // namespace weft::explore
