// The userlib's semaphore and latch: keys and a mark for sleepers in one word.
#include "userlib/thread/semaphore.hh"

#include "explore/scenario.hh"
#include "userlib/thread/latch.hh"

namespace weft::explore {
namespace {

const Scenario keys{{.name = "user-semaphore",
                     .about = "two wait for keys, one brings two, one by one",
                     .preemptions = 4,
                     .old_stores = 1},
                    [](Stage& stage) {
                      counting_semaphore<> semaphore(0);
                      for (const char* name : {"A", "B"}) {
                        stage.thread(name, [&] { semaphore.acquire(); });
                      }
                      stage.thread("giver", [&] {
                        semaphore.release();
                        semaphore.release();
                      });
                      stage.run();
                      check(!semaphore.try_acquire(), "both keys were taken");
                    }};

const Scenario both_at_once{{.name = "user-semaphore-two",
                             .about = "two wait for keys, one brings two at once",
                             .preemptions = 4,
                             .old_stores = 1},
                            [](Stage& stage) {
                              counting_semaphore<> semaphore(0);
                              int message = 0;
                              for (const char* name : {"A", "B"}) {
                                stage.thread(name, [&] {
                                  semaphore.acquire();
                                  check(message == 7, "what was written before release() is seen");
                                });
                              }
                              stage.thread("giver", [&] {
                                message = 7;
                                semaphore.release(2);
                              });
                              stage.run();
                            }};

const Scenario time_out{{.name = "user-semaphore-time-out",
                         .about = "the key comes just as a wait ends",
                         .preemptions = 3,
                         .interrupts = 1},
                        [](Stage& stage) {
                          counting_semaphore<> semaphore(0);
                          int taken = 0;
                          stage.thread("hasty", [&] {
                            if (semaphore.try_acquire_for(std::chrono::seconds(1))) ++taken;
                          });
                          stage.thread("giver", [&] { semaphore.release(); });
                          stage.run();
                          check(semaphore.try_acquire() == (taken == 0), "the key is in one place");
                        }};

const Scenario gate{{.name = "user-latch",
                     .about = "two come to a latch and pass it together",
                     .preemptions = 5,
                     .old_stores = 2},
                    [](Stage& stage) {
                      latch gate(2);
                      int places[2] = {};
                      const auto come = [&](int me) {
                        places[me] = 1;
                        gate.arrive_and_wait();
                        check(places[1 - me] == 1, "nobody passes before all have come");
                      };
                      stage.thread("A", [&] { come(0); });
                      stage.thread("B", [&] { come(1); });
                      stage.run();
                    }};

}  // namespace
}  // namespace weft::explore
