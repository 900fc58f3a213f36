// The userlib's condition variable: a count of notifications, read under the mutex.
#include "userlib/thread/condition_variable.hh"

#include "explore/scenarios/conditions.hh"

namespace weft::explore {
namespace {

const Scenario one{{.name = "user-condvar",
                    .about = "one waits for a flag, one sets it",
                    .preemptions = 4,
                    .old_stores = 1},
                   wait_for_a_flag<mutex, condition_variable>};

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
                     pass_through_one_place<mutex, condition_variable>};

}  // namespace
}  // namespace weft::explore
