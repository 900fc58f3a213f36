// The userlib's mutex: three states in one word, and a futex for those who sleep.
#include "userlib/thread/mutex.hh"

#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario three{{.name = "user-mutex",
                      .about = "three threads add under the userlib's mutex",
                      .preemptions = 3,
                      .old_stores = 1},
                     [](Stage& stage) {
                       mutex lock;
                       int count = 0;
                       for (const char* name : {"A", "B", "C"}) {
                         stage.thread(name, [&] {
                           lock.lock();
                           ++count;
                           lock.unlock();
                         });
                       }
                       stage.run();
                       check(count == 3, "nothing is lost");
                       check(lock.try_lock(), "nobody holds it at the end");
                     }};

const Scenario twice{{.name = "user-mutex-twice",
                      .about = "two threads, each twice",
                      .preemptions = 4,
                      .old_stores = 1},
                     [](Stage& stage) {
                       mutex lock;
                       int count = 0;
                       for (const char* name : {"A", "B"}) {
                         stage.thread(name, [&] {
                           for (int round = 0; round < 2; ++round) {
                             lock.lock();
                             ++count;
                             lock.unlock();
                           }
                         });
                       }
                       stage.run();
                       check(count == 4, "nothing is lost");
                     }};

// Whoever gives up must not take the mark of another sleeper with it.
class HastyMutex : public mutex {
 public:
  bool lock_until(Instant deadline) NO_THREAD_SAFETY_ANALYSIS {
    return lock_until_instant(deadline);
  }
};

const Scenario time_out{{.name = "user-mutex-time-out",
                         .about = "one waits for a time only, two for ever",
                         .preemptions = 2,
                         .interrupts = 1},
                        [](Stage& stage) {
                          HastyMutex lock;
                          int count = 0;
                          int entries = 0;
                          const auto enter = [&]() NO_THREAD_SAFETY_ANALYSIS {
                            ++count;
                            ++entries;
                            lock.unlock();
                          };
                          stage.thread("hasty", [&]() NO_THREAD_SAFETY_ANALYSIS {
                            if (lock.lock_until(1000)) enter();
                          });
                          for (const char* name : {"A", "B"}) {
                            stage.thread(name, [&]() NO_THREAD_SAFETY_ANALYSIS {
                              lock.lock();
                              enter();
                            });
                          }
                          stage.run();
                          check(count == entries && entries >= 2, "who got in was alone");
                        }};

// Two locks in two orders: the circle is found.
const Scenario deadlock{{.name = "user-mutex-wrong-order",
                         .about = "two mutexes in both orders: a mistake",
                         .expected = Verdict::deadlock},
                        [](Stage& stage) {
                          mutex first, second;
                          stage.thread("A", [&]() NO_THREAD_SAFETY_ANALYSIS {
                            first.lock();
                            second.lock();
                            second.unlock();
                            first.unlock();
                          });
                          stage.thread("B", [&]() NO_THREAD_SAFETY_ANALYSIS {
                            second.lock();
                            first.lock();
                            first.unlock();
                            second.unlock();
                          });
                          stage.run();
                        }};

}  // namespace
}  // namespace weft::explore
