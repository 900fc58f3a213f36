// The kernel's mutex: one holder at a time, whether the next one spins, sleeps, or is handed the key.
#include "core/sync/mutex.hh"

#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

void add_under(Mutex& mutex, int& count) {
  MutexGuard guard(mutex);
  ++count;
}

const Scenario mutex{{.name = "mutex",
                      .about = "two threads on two CPUs add under a mutex",
                      .cpus = 2,
                      .preemptions = 4,
                      .old_stores = 1},
                     [](Stage& stage) {
                       Mutex mutex(Rank::user);
                       int count = 0;
                       stage.thread("A", [&] { add_under(mutex, count); });
                       stage.thread("B", [&] { add_under(mutex, count); });
                       stage.run();
                       check(count == 2, "nothing is lost");
                       check(mutex.owner() == nullptr, "nobody holds it at the end");
                     }};

const Scenario three_threads{{.name = "mutex-three-threads",
                              .about = "three threads on two CPUs, one sleeps as the owner",
                              .cpus = 2,
                              .preemptions = 1,
                              .interrupts = 1,
                              .random_runs = 3000},
                             [](Stage& stage) {
                               Mutex mutex(Rank::user);
                               int count = 0;
                               stage.thread("A", [&] {
                                 MutexGuard guard(mutex);
                                 sched::sleep_for(1000);
                                 ++count;
                               });
                               stage.thread("B", [&] { add_under(mutex, count); });
                               stage.thread("C", [&] { add_under(mutex, count); });
                               stage.run();
                               check(count == 3, "nothing is lost");
                               check(mutex.owner() == nullptr, "nobody holds it at the end");
                             }};

const Scenario hasty{{.name = "mutex-hasty",
                      .about = "the mutex comes just as the patience ends",
                      .cpus = 2,
                      .preemptions = 1,
                      .interrupts = 1,
                      .random_runs = 1000},
                     [](Stage& stage) {
                       Mutex mutex(Rank::user);
                       int count = 0;
                       int entries = 0;
                       const auto enter = [&]() NO_THREAD_SAFETY_ANALYSIS {
                         ++count;
                         ++entries;
                         mutex.unlock();
                       };
                       stage.thread("owner", [&]() NO_THREAD_SAFETY_ANALYSIS {
                         mutex.lock();
                         enter();
                       });
                       stage.thread("hasty", [&]() NO_THREAD_SAFETY_ANALYSIS {
                         if (mutex.lock_until(500)) enter();
                       });
                       stage.run();
                       check(count == entries, "who got in was alone");
                       check(mutex.owner() == nullptr, "nobody holds it at the end");
                     }};

// The one that gives up must leave no trace: not on the queue, not in the word, not in what the owner
// inherits.
const Scenario time_out{{.name = "mutex-time-out",
                         .about = "one of two waits for the mutex only for a time",
                         .cpus = 2,
                         .preemptions = 0,
                         .long_preemptions = 1,
                         .interrupts = 1,
                         .random_runs = 3000},
                        [](Stage& stage) {
                          Mutex mutex(Rank::user);
                          int count = 0;
                          int entries = 0;
                          stage.thread("owner", [&] {
                            MutexGuard guard(mutex);
                            sched::sleep_for(1000);
                            ++count;
                            ++entries;
                          });
                          stage.thread({.name = "hasty", .priority = 5},
                                       [&]() NO_THREAD_SAFETY_ANALYSIS {
                                         if (!mutex.lock_until(500)) return;
                                         ++count;
                                         ++entries;
                                         mutex.unlock();
                                       });
                          stage.thread("patient", [&] {
                            MutexGuard guard(mutex);
                            ++count;
                            ++entries;
                          });
                          stage.run();
                          check(count == entries, "who got in was alone");
                          check(mutex.owner() == nullptr, "nobody holds it at the end");
                          check(thread_named("owner").inherited == sched::k_lowest_priority,
                                "nothing is inherited at the end");
                        }};

// Taken in two orders: the ranks forbid it, and say so at the first wrong one.
const Scenario wrong_order{{.name = "mutex-wrong-order",
                            .about = "two mutexes, taken in both orders: a mistake",
                            .cpus = 2,
                            .expected = Verdict::assertion},
                           [](Stage& stage) {
                             Mutex outer(Rank::user);
                             Mutex inner(Rank::user_inner);
                             stage.thread("A", [&] {
                               MutexGuard first(outer);
                               MutexGuard second(inner);
                             });
                             stage.thread("B", [&] {
                               MutexGuard first(inner);
                               MutexGuard second(outer);
                             });
                             stage.run();
                           }};

}  // namespace
}  // namespace weft::explore
