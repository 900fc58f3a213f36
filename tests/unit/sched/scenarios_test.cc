// The scheduler's storms on simulated CPUs.
#include "unit/sched/scenarios.hh"

#include "unit/support/machine.hh"

namespace weft {
namespace {

constexpr uint64_t k_seeds = 40;

TEST(SchedulerScenarios, ThreadsComeAndGo) {
  host::for_seeds(k_seeds, [](uint64_t seed) {
    host::Machine machine(host::options_for(seed));
    machine.run([] { scenarios::threads_come_and_go(3, 6); });
  });
}

TEST(SchedulerScenarios, ThreadsAreMovedAbout) {
  host::for_seeds(k_seeds, [](uint64_t seed) {
    host::Machine machine(host::options_for(seed));
    machine.run([seed] { scenarios::threads_are_moved_about(4, 20, seed); });
  });
}

TEST(SchedulerScenarios, InterruptsHitWaits) {
  host::for_seeds(k_seeds, [](uint64_t seed) {
    host::Machine machine(host::options_for(seed));
    machine.run([] { scenarios::interrupts_hit_waits(10, 5 * k_microsecond); });
  });
}

}  // namespace
}  // namespace weft
