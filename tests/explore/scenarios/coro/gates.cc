// The userlib's gates for coroutines, here under plain threads: nobody passes too early, and nobody is left behind.
#include "explore/scenario.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/latch.hh"
#include "userlib/coro/sync/once.hh"

namespace weft::explore {
namespace {

const Scenario door{{.name = "coro-event",
                     .about = "a door opens just as one of two who wait has waited long enough",
                     .preemptions = 3,
                     .interrupts = 1},
                    [](Stage& stage) {
                      coro::event event;
                      int behind = 0;
                      stage.thread("hasty", [&] {
                        if (event.wait_until(1000) == coro::Wake::woken)
                          check(behind == 1, "it sees the room");
                      });
                      stage.thread("patient", [&] {
                        event.wait();
                        check(behind == 1, "it sees the room");
                      });
                      stage.thread("opener", [&] {
                        behind = 1;
                        event.set();
                      });
                      stage.run();
                      check(event.is_set(), "it stays open");
                    }};

const Scenario gate{{.name = "coro-latch",
                     .about = "two come to a latch and pass it together",
                     .preemptions = 3,
                     .old_stores = 1},
                    [](Stage& stage) {
                      coro::latch gate(2);
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

const Scenario growing{{.name = "coro-wait-group",
                        .about = "work begins more work; somebody waits for all of it",
                        .preemptions = 3},
                       [](Stage& stage) {
                         coro::wait_group work;
                         coro::event begun;
                         int done[2] = {};
                         work.add();
                         stage.thread("first", [&] {
                           work.add();
                           begun.set();
                           done[0] = 1;
                           work.done();
                         });
                         stage.thread("second", [&] {
                           begun.wait();
                           done[1] = 1;
                           work.done();
                         });
                         stage.thread("waiter", [&] {
                           work.wait();
                           check(done[0] + done[1] == 2, "all of it is done");
                         });
                         stage.run();
                       }};

const Scenario phases{
    {.name = "coro-barrier",
     .about = "two meet twice, and what is written in one phase is read in the next",
     .preemptions = 2},
    [](Stage& stage) {
      int completed = 0;
      coro::barrier meeting(2, [&] { ++completed; });
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

const Scenario once{{.name = "coro-once",
                     .about = "three want something done that is done once",
                     .preemptions = 3,
                     .old_stores = 1},
                    [](Stage& stage) {
                      coro::once_flag flag;
                      int runs = 0;
                      for (const char* name : {"A", "B", "C"}) {
                        stage.thread(name, [&] {
                          coro::call_once(flag, [&] { ++runs; });
                          check(runs == 1, "it has been done, and once");
                        });
                      }
                      stage.run();
                    }};

}  // namespace
}  // namespace weft::explore
