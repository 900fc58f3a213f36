// The scheduler's storms with host threads as CPUs, under TSan.
#include "unit/sched/scenarios.hh"

#include <functional>

#include "unit/support/machine.hh"

namespace weft {
namespace {

void run(const std::function<void()>& scenario) {
  for (const sched::PolicyKind policy : sched::k_all_policies) {
    for (const unsigned cpus : {1u, 2u, 4u}) {
      host::Machine machine({.cpus = cpus, .policy = policy});
      machine.run(scenario);
    }
  }
}

TEST(SchedulerScenariosOnThreads, ThreadsComeAndGo) {
  run([] { scenarios::threads_come_and_go(4, 20); });
}

TEST(SchedulerScenariosOnThreads, ThreadsAreMovedAbout) {
  run([] { scenarios::threads_are_moved_about(4, 150, 1); });
}

TEST(SchedulerScenariosOnThreads, InterruptsHitWaits) {
  run([] { scenarios::interrupts_hit_waits(20, 300 * k_microsecond); });
}

}  // namespace
}  // namespace weft
