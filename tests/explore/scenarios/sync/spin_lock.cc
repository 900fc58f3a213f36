// The spin lock: one CPU at a time, what its holder wrote is seen by the next, and no interrupt comes to
// its holder.
#include "core/sync/spin_lock.hh"

#include "core/sched/timer.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario spin_lock{{.name = "spin-lock",
                          .about = "three CPUs add under a spin lock",
                          .cpus = 3,
                          .preemptions = 4,
                          .old_stores = 1},
                         [](Stage& stage) {
                           SpinLock lock(Rank::user_spin);
                           int count = 0;
                           for (const char* name : {"A", "B", "C"}) {
                             stage.thread(name, [&] {
                               SpinGuard guard(lock);
                               ++count;
                             });
                           }
                           stage.run();
                           check(count == 3, "nothing is lost");
                         }};

const Scenario try_lock{{.name = "spin-lock-try",
                         .about = "who doesn't get the lock stays out",
                         .cpus = 2,
                         .preemptions = 4,
                         .old_stores = 1},
                        [](Stage& stage) {
                          SpinLock lock(Rank::user_spin);
                          int count = 0;
                          Atomic<int> entries{0};
                          for (const char* name : {"A", "B"}) {
                            stage.thread(name, [&]() NO_THREAD_SAFETY_ANALYSIS {
                              for (int round = 0; round < 2; ++round) {
                                if (!lock.try_lock()) continue;
                                ++count;
                                lock.unlock();
                                entries.fetch_add(1, relaxed);
                              }
                            });
                          }
                          stage.run();
                          check(count == entries.load(relaxed), "who got in was alone");
                          check(!lock.is_locked(), "nobody holds it at the end");
                        }};

// A timer's action runs in an interrupt, on the CPU that started it: it may take the same lock only
// because the lock's holder has interrupts off.
const Scenario in_interrupts{
    {.name = "spin-lock-interrupt",
     .about = "a thread and an interrupt handler share a lock",
     .cpus = 2,
     .preemptions = 2,
     .interrupts = 2},
    [](Stage& stage) {
      struct Shared {
        SpinLock lock{Rank::run_queue};  // timer actions run under the timers' lock
        int count = 0;
        void add() {
          SpinGuard guard(lock);
          ++count;
        }
      } shared;
      stage.thread("A", [&] {
        sched::Timer timer([](void* argument) { static_cast<Shared*>(argument)->add(); }, &shared);
        timer.start(1000);
        shared.add();
        if (timer.cancel()) shared.add();
      });
      stage.thread("B", [&] { shared.add(); });
      stage.run();
      check(shared.count == 3, "nothing is lost");
    }};

}  // namespace
}  // namespace weft::explore
