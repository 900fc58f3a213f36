// The userlib's gates for threads, and its lock for readers and writers.
#include "explore/scenario.hh"
#include "userlib/thread/barrier.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/once.hh"
#include "userlib/thread/shared_mutex.hh"

namespace weft::explore {
namespace {

// Who waits when it is set goes on, even if it is cleared before that one gets to look.
const Scenario happened{{.name = "user-event",
                         .about = "an event is set and cleared, then set; one waits for it",
                         .preemptions = 4,
                         .old_stores = 1},
                        [](Stage& stage) {
                          event it;
                          int before = 0;
                          stage.thread("waiter", [&] {
                            it.wait();
                            check(before >= 1, "it sees what came before");
                          });
                          stage.thread("setter", [&] {
                            before = 1;
                            it.set();
                          });
                          stage.run();
                          it.clear();
                          check(!it.is_set(), "it is cleared");
                        }};

const Scenario passing{{.name = "user-event-passing",
                        .about = "two wait for an event that is set and cleared at once",
                        .preemptions = 3},
                       [](Stage& stage) {
                         event it;
                         Atomic<int> waiting{0};
                         for (const char* name : {"A", "B"}) {
                           stage.thread(name, [&] {
                             waiting.fetch_add(1, relaxed);
                             it.wait();
                           });
                         }
                         stage.thread("setter", [&] {
                           it.set();
                           it.clear();
                           it.set();
                         });
                         stage.run();
                         check(waiting.load(relaxed) == 2, "both have come");
                       }};

const Scenario phases{
    {.name = "user-barrier",
     .about = "two meet twice, and what is written in one phase is read in the next",
     .preemptions = 3,
     .old_stores = 1},
    [](Stage& stage) {
      int completed = 0;
      barrier meeting(2, [&] { ++completed; });
      int places[2][2] = {};
      const auto come = [&](int me) {
        for (int phase = 0; phase < 2; ++phase) {
          places[phase][me] = 1;
          meeting.arrive_and_wait();
          check(places[phase][1 - me] == 1 && completed > phase, "all have come");
        }
      };
      stage.thread("A", [&] { come(0); });
      stage.thread("B", [&] { come(1); });
      stage.run();
      check(completed == 2, "each phase ends once");
    }};

const Scenario once{{.name = "user-once",
                     .about = "three want something done that is done once",
                     .preemptions = 3,
                     .old_stores = 1},
                    [](Stage& stage) {
                      once_flag flag;
                      int runs = 0;
                      for (const char* name : {"A", "B", "C"}) {
                        stage.thread(name, [&] {
                          call_once(flag, [&] { ++runs; });
                          check(runs == 1, "it has been done, and once");
                        });
                      }
                      stage.run();
                    }};

const Scenario readers{
    {.name = "user-shared-mutex", .about = "two read what a third writes", .preemptions = 3},
    [](Stage& stage) NO_THREAD_SAFETY_ANALYSIS {
      shared_mutex lock;
      int halves[2] = {};
      stage.thread("writer", [&]() NO_THREAD_SAFETY_ANALYSIS {
        lock.lock();
        ++halves[0];
        ++halves[1];
        lock.unlock();
      });
      for (const char* name : {"reader 1", "reader 2"}) {
        stage.thread(name, [&]() NO_THREAD_SAFETY_ANALYSIS {
          lock.lock_shared();
          check(halves[0] == halves[1], "both halves are of one time");
          lock.unlock_shared();
        });
      }
      stage.run();
      check(lock.try_lock(), "nobody holds it at the end");
      lock.unlock();
    }};

// A writer that gives up lets those go on that stood behind it.
const Scenario gives_up{
    {.name = "user-shared-mutex-time-out",
     .about = "a hasty writer waits for a reader, another reader waits behind it",
     .preemptions = 3,
     .interrupts = 1},
    [](Stage& stage) NO_THREAD_SAFETY_ANALYSIS {
      shared_timed_mutex lock;
      lock.lock_shared();  // until all is over
      stage.thread("writer", [&]() NO_THREAD_SAFETY_ANALYSIS {
        check(!lock.try_lock_for(std::chrono::microseconds(1)), "it is read");
      });
      stage.thread("reader", [&]() NO_THREAD_SAFETY_ANALYSIS {
        lock.lock_shared();
        lock.unlock_shared();
      });
      stage.run();
      lock.unlock_shared();
      check(lock.try_lock(), "nobody holds it at the end");
      lock.unlock();
    }};

}  // namespace
}  // namespace weft::explore
