// The event, the barrier, the latch, the reader-writer lock, a mutex that its holder may take again, and
// what runs once.
#include "core/sync/barrier.hh"
#include "core/sync/event.hh"
#include "core/sync/latch.hh"
#include "core/sync/once.hh"
#include "core/sync/recursive_mutex.hh"
#include "core/sync/rw_lock.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario event{{.name = "event",
                      .about = "two wait for an event; what was written before it is seen",
                      .cpus = 3,
                      .preemptions = 1,
                      .random_runs = 3000},
                     [](Stage& stage) {
                       Event event;
                       int message = 0;
                       for (const char* name : {"first", "second"}) {
                         stage.thread(name, [&] {
                           event.wait();
                           check(message == 42,
                                 "what was written before set() is seen after wait()");
                         });
                       }
                       stage.thread("setter", [&] {
                         message = 42;
                         event.set();
                       });
                       stage.run();
                     }};

const Scenario barrier{{.name = "barrier",
                        .about = "two threads meet twice at one barrier",
                        .cpus = 2,
                        .preemptions = 2,
                        .random_runs = 1000},
                       [](Stage& stage) {
                         Barrier barrier(2);
                         int places[2] = {};
                         Atomic<int> lasts{0};
                         const auto work = [&](int me) {
                           places[me] = 1;
                           if (barrier.arrive_and_wait()) lasts.fetch_add(1, relaxed);
                           check(places[1 - me] == 1, "nobody passes before all have come");
                           if (barrier.arrive_and_wait()) lasts.fetch_add(1, relaxed);
                         };
                         stage.thread("A", [&] { work(0); });
                         stage.thread("B", [&] { work(1); });
                         stage.run();
                         check(lasts.load(relaxed) == 2, "one of them is the last each time");
                       }};

const Scenario latch{{.name = "latch",
                      .about = "one waits for two who come; what they wrote before is seen",
                      .cpus = 3,
                      .preemptions = 1,
                      .random_runs = 3000},
                     [](Stage& stage) {
                       Latch latch(2);
                       int places[2] = {};
                       stage.thread("waiter", [&] {
                         latch.wait();
                         check(places[0] == 1 && places[1] == 1, "both have come");
                       });
                       for (int me = 0; me < 2; ++me) {
                         stage.thread(me == 0 ? "A" : "B", [&, me] {
                           places[me] = 1;
                           latch.count_down();
                         });
                       }
                       stage.run();
                       check(latch.try_wait(), "it stays open");
                     }};

const Scenario recursive_mutex{{.name = "recursive-mutex",
                                .about = "two threads go in twice each; nobody else is in between",
                                .cpus = 2,
                                .preemptions = 2,
                                .random_runs = 1000},
                               [](Stage& stage) {
                                 RecursiveMutex mutex(Rank::user);
                                 int count = 0;
                                 for (const char* name : {"A", "B"}) {
                                   stage.thread(name, [&] {
                                     mutex.lock();
                                     const int before = count;
                                     mutex.lock();
                                     ++count;
                                     mutex.unlock();
                                     check(count == before + 1, "one unlock does not open it");
                                     mutex.unlock();
                                   });
                                 }
                                 stage.run();
                                 check(count == 2, "both have been in");
                               }};

const Scenario rw_lock{{.name = "rw-lock",
                        .about = "two readers and a writer",
                        .cpus = 3,
                        .preemptions = 2,
                        .random_runs = 3000},
                       [](Stage& stage) {
                         RwLock lock(Rank::user);
                         int first = 0;
                         int second = 0;  // as `first`, but while the writer is at it
                         for (const char* name : {"reader 1", "reader 2"}) {
                           stage.thread(name, [&]() NO_THREAD_SAFETY_ANALYSIS {
                             lock.lock_shared();
                             check(first == second, "no reader sees half of a change");
                             lock.unlock_shared();
                           });
                         }
                         stage.thread("writer", [&]() NO_THREAD_SAFETY_ANALYSIS {
                           lock.lock();
                           ++first;
                           ++second;
                           lock.unlock();
                         });
                         stage.run();
                         check(first == 1 && lock.try_lock(), "all have left");
                       }};

const Scenario once{{.name = "once",
                     .about = "two come at once; both see what the function wrote",
                     .cpus = 2,
                     .preemptions = 4,
                     .old_stores = 1},
                    [](Stage& stage) {
                      Once once(Rank::user);
                      int runs = 0;
                      for (const char* name : {"A", "B"}) {
                        stage.thread(name, [&] {
                          once.call([&] { ++runs; });
                          check(runs == 1, "it has run when call() returns");
                        });
                      }
                      stage.run();
                      check(runs == 1, "it has run once");
                    }};

}  // namespace
}  // namespace weft::explore
