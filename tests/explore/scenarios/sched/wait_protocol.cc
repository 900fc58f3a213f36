// The wait protocol (core/sched/wait_queue.hh): prepare, test, block, finish. No wake-up is lost, none
// counts twice, and the record on the waiter's stack is left alone when the wait is over.
#include "core/sched/wait_queue.hh"

#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

// A flag under a lock, and those who wait for it.
struct Flag {
  SpinLock lock{Rank::wait_queue};
  WaitQueue waiters{lock};
  bool is_set = false;

  Outcome wait(WaitLimit limit = {}) {
    SpinGuard guard(lock);
    if (is_set) return Outcome::woken;
    Waiter self(BlockReason::waiting, this);
    waiters.prepare(self);
    return waiters.block(self, limit);
  }
  void set() {
    SpinGuard guard(lock);
    is_set = true;
    waiters.wake_all();
  }
};

const Scenario wake{{.name = "wait",
                     .about = "one waits, one wakes",
                     .cpus = 2,
                     .preemptions = 3,
                     .old_stores = 1,
                     .random_runs = 1000},
                    [](Stage& stage) {
                      Flag flag;
                      stage.thread("waiter", [&] {
                        check(flag.wait() == Outcome::woken, "the wait ends with the wake-up");
                        check(flag.is_set, "what the waker wrote is seen");
                      });
                      stage.thread("waker", [&] { flag.set(); });
                      stage.run();
                    }};

const Scenario one_cpu{{.name = "wait-one-cpu",
                        .about = "the same on one CPU, with the timer between them",
                        .cpus = 1,
                        .preemptions = 4,
                        .interrupts = 3},
                       [](Stage& stage) {
                         Flag flag;
                         stage.thread("waiter", [&] { flag.wait(); });
                         stage.thread("waker", [&] { flag.set(); });
                         stage.run();
                       }};

const Scenario time_out{
    {.name = "wait-time-out",
     .about = "the wake-up and the end of the time race",
     .cpus = 2,
     .preemptions = 2,
     .interrupts = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Flag flag;
      Thread* woken = nullptr;
      Outcome outcome = Outcome::pending;
      stage.thread("waiter", [&] { outcome = flag.wait(WaitLimit::until(1000)); });
      stage.thread("waker", [&] {
        SpinGuard guard(flag.lock);
        woken = flag.waiters.wake_one();
        flag.is_set = true;
      });
      stage.run();
      check(woken == nullptr || outcome == Outcome::woken, "a wake-up that found it counts");
    }};

const Scenario signal{{.name = "wait-signal",
                       .about = "a signal, a wake-up and a time-out race",
                       .cpus = 2,
                       .preemptions = 1,
                       .interrupts = 1,
                       .random_runs = 1000},
                      [](Stage& stage) {
                        Flag flag;
                        Outcome outcome = Outcome::pending;
                        stage.thread("waiter",
                                     [&] { outcome = flag.wait({1000, /*interruptible=*/true}); });
                        stage.thread("waker", [&] { flag.set(); });
                        stage.thread("signal", [&] { sched::interrupt(thread_named("waiter")); });
                        stage.run();
                        check(outcome != Outcome::pending, "the wait ends in one of three ways");
                      }};

const Scenario two_waiters{{.name = "wait-two",
                            .about = "two wait, two wake-ups for one each",
                            .cpus = 3,
                            .preemptions = 1,
                            .random_runs = 1000},
                           [](Stage& stage) {
                             struct Tokens {
                               SpinLock lock{Rank::wait_queue};
                               WaitQueue waiters{lock};
                               int free = 0;
                               void take() {
                                 SpinGuard guard(lock);
                                 if (free > 0) {
                                   --free;
                                   return;
                                 }
                                 Waiter self(BlockReason::waiting, this);
                                 waiters.prepare(self);
                                 waiters.block(self);
                               }
                               void give() {
                                 SpinGuard guard(lock);
                                 if (waiters.wake_one() == nullptr) ++free;
                               }
                             } tokens;
                             stage.thread("first", [&] { tokens.take(); });
                             stage.thread("second", [&] { tokens.take(); });
                             stage.thread("waker", [&] {
                               tokens.give();
                               tokens.give();
                             });
                             stage.run();
                             check(tokens.free == 0, "each token went to one of them");
                           }};

}  // namespace
}  // namespace weft::explore
