// Workers that share coroutines: whoever is runnable runs at last. Nobody sleeps while there is work, and
// a coroutine's wait has one end, whichever of wake, deadline and cancellation comes first.
#include <memory>

#include "explore/scenarios/coro/runtime.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/sys/asymmetric.hh"
#include "userlib/sys/spin.hh"

namespace weft::explore {
namespace {

using coro::Mode;
using coro::Wake;

const Scenario spawns{{.name = "workers",
                       .about = "a coroutine starts two others, and joins them; two workers",
                       .preemptions = 1,
                       .random_runs = 3000},
                      [](Stage& stage) {
                        Runtime runtime(Mode::shared, 2);
                        int sum = 0;
                        const auto work = [&] {
                          auto one = coro::go([] { return 1; });
                          auto other = coro::go([] { return 2; });
                          sum = one.join() + other.join();
                        };
                        stage.thread("worker 1", [&] { runtime.begin(work); });
                        stage.thread("worker 2", [&] { runtime.help(); });
                        stage.run();
                        check(sum == 3, "all have run");
                      }};

// Who makes a coroutine runnable looks for an idle worker; who goes to sleep looks for work.
const Scenario injected{{.name = "workers-inject",
                         .about = "a thread wakes a coroutine while its workers fall asleep",
                         .preemptions = 1,
                         .random_runs = 3000},
                        [](Stage& stage) {
                          Runtime runtime(Mode::shared, 2);
                          coro::counting_semaphore<> semaphore(0);
                          stage.thread("worker 1",
                                       [&] { runtime.begin([&] { semaphore.acquire(); }); });
                          stage.thread("worker 2", [&] { runtime.help(); });
                          stage.thread("thread", [&] { semaphore.release(); });
                          stage.run();
                        }};

// A worker that keeps what it has made runnable for the other one, while it waits for that itself. The other
// one must not look for the last time before it is seen that it sleeps. The first parent of all is left with a look at who
// sleeps; the next ones only if somebody has asked for it.
template <coro::Launch how, int children_before = 0>
void wait_for_help(Stage& stage) {
  Runtime runtime(Mode::shared, 2);
  Atomic<int> helped{0};
  stage.thread("worker 1", [&] {
    runtime.begin([&] {
      const auto wait = [&] {
        while (helped.load(acquire) == 0) hal::relax();
      };
      const auto help = [&] { helped.store(1, release); };
      if constexpr (how == coro::Launch::now) {
        for (int i = 0; i < children_before; ++i) begin_and_join_one();
        auto child = coro::go({.launch = how}, wait);
        help();
        child.join();
      } else {
        auto child = coro::go(help);
        wait();
        child.join();
      }
    });
  });
  stage.thread("worker 2", [&] { runtime.help(); });
  stage.run();
}
const Scenario helped{
    {.name = "workers-help",
     .about = "a coroutine spins for one in its worker's queue, as the other falls asleep",
     .preemptions = 1,
     .old_stores = 1,
     .random_runs = 1000},
    wait_for_help<coro::Launch::queued>};
const Scenario relieved{
    {.name = "workers-help-parent",
     .about = "a coroutine spins for the one that began it, as the other falls asleep",
     .preemptions = 1,
     .old_stores = 1,
     .random_runs = 1000},
    wait_for_help<coro::Launch::now, 1>};
const Scenario relieved_later{
    {.name = "workers-help-next-parent",
     .about = "the same, when the worker has looked who sleeps, and would not do so again",
     .preemptions = 1,
     .old_stores = 1,
     .random_runs = 1000},
    wait_for_help<coro::Launch::now, 2>};

// Two who make something runnable at once: the one that has nobody to wake must not keep the other from it.
// The worker is played: what matters is that it sleeps until its mark is taken away.
const Scenario notified{{.name = "workers-notify",
                         .about = "two threads look for an idle worker, which falls asleep twice",
                         .preemptions = 4,
                         .old_stores = 1},
                        [](Stage& stage) {
                          Runtime runtime(Mode::shared, 1);
                          coro::Scheduler& scheduler = runtime.scheduler();
                          Atomic<int> work{0};
                          stage.thread("worker", [&] {
                            for (int done = 0; done < 2;) {
                              scheduler.mark_idle(scheduler.first_worker());
                              sys::heavy_fence();
                              if (work.load(relaxed) == 0) {
                                while (scheduler.all_idle()) hal::relax();
                              }
                              const bool searching =
                                  !scheduler.unmark_idle(scheduler.first_worker());
                              const int found = work.exchange(0, acquire);
                              done += found;
                              if (searching)
                                found > 0 ? scheduler.end_search() : scheduler.stop_search();
                            }
                          });
                          for (const char* name : {"thread 1", "thread 2"}) {
                            stage.thread(name, [&] {
                              work.fetch_add(1, release);
                              scheduler.notify();
                            });
                          }
                          stage.run();
                        }};

// More workers than are wanted: one leaves what it has to the other, and rests.
const Scenario rests{{.name = "workers-rest",
                      .about = "a worker is one too many, while a thread wakes a coroutine",
                      .preemptions = 1,
                      .random_runs = 3000},
                     [](Stage& stage) {
                       Runtime runtime(Mode::shared, 2);
                       coro::counting_semaphore<> semaphore(0);
                       int ended = 0;
                       const auto work = [&] {
                         auto one = coro::go([&] { semaphore.acquire(); });
                         coro::yield();
                         one.join();
                         ++ended;
                       };
                       stage.thread("worker 1", [&] { runtime.begin(work); });
                       stage.thread("worker 2", [&] { runtime.help(); });
                       stage.thread("monitor", [&] {
                         runtime.scheduler().want_workers(1);
                         semaphore.release();
                       });
                       stage.run();
                       check(ended == 1, "all has been done");
                     }};

// Who waits stays where it stands for a while, if its worker has nothing else to do; so it can be woken
// before it has said that it does, while it does, and after it has given up.
const Scenario in_place{{.name = "workers-in-place",
                         .about = "a coroutine wakes one that waits in place on another worker",
                         .preemptions = 1,
                         .random_runs = 1000},
                        [](Stage& stage) {
                          sys::cpus = 2;
                          Runtime runtime(Mode::shared, 2);
                          coro::counting_semaphore<> there(0);
                          coro::counting_semaphore<> back(0);
                          int rounds = 0;
                          const auto work = [&] {
                            auto other = coro::go([&] {
                              for (int i = 0; i < 2; ++i) {
                                there.acquire();
                                back.release();
                              }
                            });
                            for (; rounds < 2; ++rounds) {
                              there.release();
                              back.acquire();
                            }
                            other.join();
                          };
                          stage.thread("worker 1", [&] { runtime.begin(work); });
                          stage.thread("worker 2", [&] { runtime.help(); });
                          stage.run();
                          check(rounds == 2, "every key has arrived");
                        }};

// A thread gives the workers something else to do, and then wakes who may be waiting in place at that moment.
const Scenario distracted{{.name = "workers-in-place-gives-up",
                           .about = "one that waits in place sees other work as it is woken",
                           .preemptions = 1,
                           .random_runs = 1000},
                          [](Stage& stage) {
                            sys::cpus = 2;
                            Runtime runtime(Mode::shared, 2);
                            coro::counting_semaphore<> bell(0);
                            coro::counting_semaphore<> key(0);
                            stage.thread("worker 1", [&] {
                              runtime.begin([&] {
                                auto other = coro::go([&] { bell.acquire(); });
                                auto waits = coro::go([&] { key.acquire(); });
                                other.join();
                                waits.join();
                              });
                            });
                            stage.thread("worker 2", [&] { runtime.help(); });
                            stage.thread("thread", [&] {
                              bell.release();
                              key.release();
                            });
                            stage.run();
                          }};

// One coroutine and one worker: it falls asleep as a thread looks whether it must be woken. (With a second
// worker the thread would wake that one, unless it is falling asleep as well: too much for a search of all orders.)
template <Mode mode>
void wake_the_only_one(Stage& stage) {
  Runtime runtime(mode, 1);
  coro::Coroutine* waiting = nullptr;
  Atomic<int> is_waiting{0};
  stage.thread("worker", [&] {
    runtime.begin([&] {
      coro::Waiter waiter;
      waiter.prepare(coro::Reason::other);
      waiting = &coro::self();
      is_waiting.store(1, release);
      static_cast<void>(coro::park(nullptr));
    });
  });
  stage.thread("thread", [&] {
    while (is_waiting.load(acquire) == 0) hal::relax();
    if (claim(*waiting, coro::Park::woken)) unpark(*waiting);
  });
  stage.run();
}
const Scenario posted{{.name = "lone-worker-inject",
                       .about = "a thread wakes the only coroutine of a lone worker",
                       .preemptions = 4},
                      wake_the_only_one<Mode::lone>};
const Scenario shared_out{{.name = "worker-inject",
                           .about = "a thread wakes the only coroutine of a worker that shares",
                           .preemptions = 3},
                          wake_the_only_one<Mode::shared>};

// The same, but the worker's runtime ends with that coroutine, maybe before the thread is back from waking it.
template <Mode mode>
void wake_the_last_one(Stage& stage) {
  auto runtime = std::make_unique<Runtime>(mode, 1);
  coro::Coroutine* waiting = nullptr;
  Atomic<int> is_waiting{0};
  stage.thread("worker", [&] {
    runtime->begin([&] {
      coro::Waiter waiter;
      waiter.prepare(coro::Reason::other);
      waiting = &coro::self();
      is_waiting.store(1, release);
      static_cast<void>(coro::park(nullptr));
    });
    runtime.reset();
  });
  stage.thread("thread", [&] {
    while (is_waiting.load(acquire) == 0) hal::relax();
    if (claim(*waiting, coro::Park::woken)) unpark(*waiting);
  });
  stage.run();
}
const Scenario ended_alone{
    {.name = "lone-worker-ends",
     .about = "a lone worker's runtime ends while a thread wakes its last coroutine",
     .preemptions = 3},
    wake_the_last_one<Mode::lone>};
const Scenario ended_shared{
    {.name = "worker-ends",
     .about = "a runtime that shares ends while a thread wakes its last coroutine",
     .preemptions = 2},
    wake_the_last_one<Mode::shared>};

const Scenario cancelled{
    {.name = "park-cancel",
     .about = "a cancellation and a key come to one who waits",
     .preemptions = 2,
     .random_runs = 2000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 1);
      coro::counting_semaphore<> semaphore(0);
      Wake how{};
      stage.thread("worker", [&] {
        runtime.begin([&] {
          auto waiter = coro::go([&] { how = semaphore.acquire_until(k_never); });
          coro::yield();
          waiter.cancel();
          waiter.join();
        });
      });
      stage.thread("thread", [&] { semaphore.release(); });
      stage.run();
      check(semaphore.try_acquire() == (how == Wake::cancelled), "the key is in one place");
    }};

const Scenario deadline{
    {.name = "park-deadline",
     .about = "a key comes just as a coroutine's wait ends",
     .preemptions = 2,
     .interrupts = 1,
     .random_runs = 2000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 1);
      coro::counting_semaphore<> semaphore(0);
      Wake how{};
      stage.thread("worker", [&] { runtime.begin([&] { how = semaphore.acquire_until(1000); }); });
      stage.thread("thread", [&] { semaphore.release(); });
      stage.run();
      check(semaphore.try_acquire() == (how == Wake::timed_out), "the key is in one place");
    }};

}  // namespace
}  // namespace weft::explore
