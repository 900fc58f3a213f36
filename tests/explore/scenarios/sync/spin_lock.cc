// The spin lock: one CPU at a time, and what its holder wrote is seen by the next.
#include "core/sync/spin_lock.hh"

#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario spin_lock{{.name = "spin-lock",
                          .about = "two CPUs add under a spin lock",
                          .cpus = 2,
                          .interrupts = 1,
                          .old_stores = 1},
                         [](Stage& stage) {
                           SpinLock lock(Rank::user);
                           int count = 0;
                           for (const char* name : {"A", "B"}) {
                             stage.thread(name, [&] {
                               SpinGuard guard(lock);
                               ++count;
                             });
                           }
                           stage.run();
                           check(count == 2, "nothing is lost");
                         }};

}  // namespace
}  // namespace weft::explore
