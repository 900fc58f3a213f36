// The userlib's condition variable: a count of notifications, read under the mutex.
#include "userlib/thread/condition_variable.hh"

#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario one{{.name = "user-condvar",
                    .about = "one waits for a flag, one sets it",
                    .preemptions = 4,
                    .old_stores = 1},
                   [](Stage& stage) {
                     mutex lock;
                     condition_variable changed;
                     bool is_set = false;
                     stage.thread("waiter", [&] {
                       unique_lock guard(lock);
                       while (!is_set) changed.wait(guard);
                     });
                     stage.thread("setter", [&] {
                       {
                         lock_guard guard(lock);
                         is_set = true;
                       }
                       changed.notify_one();
                     });
                     stage.run();
                   }};

// The last one out may destroy it, once all have been notified.
const Scenario destroyed{{.name = "user-condvar-destroyed",
                          .about = "destroyed while a notified waiter is on its way out",
                          .preemptions = 3},
                         [](Stage& stage) {
                           struct Shared {
                             mutex lock;
                             bool is_set = false;
                             condition_variable* changed = new condition_variable;
                           } shared;
                           stage.thread("waiter", [&] {
                             unique_lock guard(shared.lock);
                             condition_variable* changed = shared.changed;
                             while (!shared.is_set) changed->wait(guard);
                           });
                           stage.thread("setter", [&] {
                             unique_lock guard(shared.lock);
                             if (shared.is_set) return;
                             shared.is_set = true;
                             shared.changed->notify_all();
                             guard.unlock();
                           });
                           stage.run();
                           delete shared.changed;
                         }};

const Scenario queue{{.name = "user-condvar-queue",
                      .about = "numbers go through a queue for one; two consumers",
                      .preemptions = 2,
                      .random_runs = 3000},
                     [](Stage& stage) {
                       mutex lock;
                       condition_variable changed;
                       int place = 0;
                       Atomic<int> sum{0};
                       for (const char* name : {"consumer 1", "consumer 2"}) {
                         stage.thread(name, [&] {
                           unique_lock guard(lock);
                           while (place == 0) changed.wait(guard);
                           sum.fetch_add(place, relaxed);
                           place = 0;
                           changed.notify_all();
                         });
                       }
                       stage.thread("producer", [&] {
                         for (int number = 1; number <= 2; ++number) {
                           unique_lock guard(lock);
                           while (place != 0) changed.wait(guard);
                           place = number;
                           changed.notify_all();
                         }
                       });
                       stage.run();
                       check(sum.load(relaxed) == 3, "each number comes through once");
                     }};

}  // namespace
}  // namespace weft::explore
