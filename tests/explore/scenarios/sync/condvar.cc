// The condition variable: a notify that comes after the mutex was let go is not missed.
#include "core/sync/condvar.hh"

#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario one_notify{
    {.name = "condvar", .about = "one waits for a flag, one sets it", .cpus = 2, .preemptions = 3},
    [](Stage& stage) {
      Mutex mutex(Rank::user);
      CondVar changed;
      bool is_set = false;
      stage.thread("waiter", [&] {
        MutexGuard guard(mutex);
        while (!is_set) changed.wait(mutex);
      });
      stage.thread("setter", [&] {
        MutexGuard guard(mutex);
        is_set = true;
        changed.notify_one();
      });
      stage.run();
      check(is_set, "the flag stays set");
    }};

const Scenario notify_all{{.name = "condvar-all",
                           .about = "two wait, one notify for both",
                           .cpus = 2,
                           .preemptions = 1,
                           .random_runs = 3000},
                          [](Stage& stage) {
                            Mutex mutex(Rank::user);
                            CondVar changed;
                            bool is_set = false;
                            for (const char* name : {"first", "second"}) {
                              stage.thread(name, [&] {
                                MutexGuard guard(mutex);
                                while (!is_set) changed.wait(mutex);
                              });
                            }
                            stage.thread("setter", [&] {
                              {
                                MutexGuard guard(mutex);
                                is_set = true;
                              }
                              changed.notify_all();
                            });
                            stage.run();
                          }};

// A buffer with room for one: the producer and the consumer wait for each other in turn.
const Scenario buffer{{.name = "condvar-buffer",
                       .about = "two numbers go through a buffer for one",
                       .cpus = 2,
                       .preemptions = 2,
                       .random_runs = 3000},
                      [](Stage& stage) {
                        Mutex mutex(Rank::user);
                        CondVar changed;
                        int place = 0;
                        int sum = 0;
                        stage.thread("producer", [&] {
                          for (int number = 1; number <= 2; ++number) {
                            MutexGuard guard(mutex);
                            while (place != 0) changed.wait(mutex);
                            place = number;
                            changed.notify_one();
                          }
                        });
                        stage.thread("consumer", [&] {
                          for (int round = 0; round < 2; ++round) {
                            MutexGuard guard(mutex);
                            while (place == 0) changed.wait(mutex);
                            sum += place;
                            place = 0;
                            changed.notify_one();
                          }
                        });
                        stage.run();
                        check(sum == 3, "each number comes through once");
                      }};

const Scenario time_out{
    {.name = "condvar-time-out",
     .about = "the notify comes just as the wait ends",
     .cpus = 2,
     .preemptions = 2,
     .interrupts = 1},
    [](Stage& stage) {
      Mutex mutex(Rank::user);
      CondVar changed;
      bool is_set = false;
      stage.thread("waiter", [&] {
        MutexGuard guard(mutex);
        while (!is_set && changed.wait(mutex, WaitLimit::until(1000)).has_value()) {
        }
        check(mutex.is_held(), "the mutex is held again in every case");
      });
      stage.thread("setter", [&] {
        MutexGuard guard(mutex);
        is_set = true;
        changed.notify_one();
      });
      stage.run();
      check(is_set, "the flag stays set");
    }};

}  // namespace
}  // namespace weft::explore
