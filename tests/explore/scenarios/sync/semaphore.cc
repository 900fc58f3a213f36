// The semaphore: never more inside than keys, and every key comes back, however a wait ends.
#include "core/sync/semaphore.hh"

#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario keys{{.name = "semaphore",
                     .about = "three threads, two CPUs, one key",
                     .cpus = 2,
                     .preemptions = 2,
                     .random_runs = 3000},
                    [](Stage& stage) {
                      Semaphore key(1);
                      int count = 0;
                      for (const char* name : {"A", "B", "C"}) {
                        stage.thread(name, [&] {
                          key.acquire();
                          ++count;
                          key.release();
                        });
                      }
                      stage.run();
                      check(count == 3, "nothing is lost");
                      check(key.keys() == 1, "the key is back");
                    }};

// The key that comes at the moment when the wait times out belongs to one side or the other.
const Scenario time_out{
    {.name = "semaphore-time-out",
     .about = "a key that comes just as the wait ends",
     .cpus = 2,
     .preemptions = 2,
     .interrupts = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Semaphore key(0);
      bool has_key = false;
      stage.thread("waiter", [&] { has_key = key.acquire(WaitLimit::until(1000)).has_value(); });
      stage.thread("giver", [&] { key.release(); });
      stage.run();
      check(key.keys() == (has_key ? 0 : 1), "the key is in one place");
    }};

const Scenario interrupted{
    {.name = "semaphore-interrupted",
     .about = "a signal and a key come to one waiter",
     .cpus = 2,
     .preemptions = 3},
    [](Stage& stage) {
      Semaphore key(0);
      bool has_key = false;
      stage.thread("waiter",
                   [&] { has_key = key.acquire({k_never, /*interruptible=*/true}).has_value(); });
      stage.thread("giver", [&] { key.release(); });
      stage.thread("signal", [&] { sched::interrupt(thread_named("waiter")); });
      stage.run();
      check(key.keys() == (has_key ? 0 : 1), "the key is in one place");
    }};

}  // namespace
}  // namespace weft::explore
