// The scheduler: threads that end, sleep, yield, move and are stolen. Whoever is Runnable runs at last.
#include "core/sched/scheduler.hh"

#include "core/proc/kernel_thread.hh"
#include "core/sync/event.hh"
#include "explore/scenario.hh"

namespace weft::explore {
namespace {

const Scenario join{{.name = "join",
                     .about = "one thread starts another and waits for its end",
                     .cpus = 2,
                     .preemptions = 2,
                     .random_runs = 2000},
                    [](Stage& stage) {
                      int message = 0;
                      stage.thread("parent", [&] {
                        ThreadHandle child = spawn({.name = "child", .cpu_mask = ~CpuMask{1}}, [&] {
                                               message = 1;
                                             }).value();
                        child.join();
                        check(message == 1, "what the child did is seen after join()");
                      });
                      stage.run();
                    }};

const Scenario join_time_out{
    {.name = "join-time-out",
     .about = "the end of a thread and the end of the patience",
     .cpus = 2,
     .preemptions = 1,
     .interrupts = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      stage.thread("parent", [&] {
        ThreadHandle child = spawn({.name = "child", .cpu_mask = ~CpuMask{1}}, [] {}).value();
        if (!child.join_until(1000)) child.join();
      });
      stage.run();
    }};

// Two Runnable threads on one CPU, and another CPU that goes idle at any moment: it steals one, or is
// kicked, but nobody stays behind.
const Scenario steal{{.name = "steal",
                      .about = "a CPU goes idle while another has too much to do",
                      .cpus = 2,
                      .preemptions = 1,
                      .interrupts = 1,
                      .old_stores = 1,
                      .random_runs = 1000},
                     [](Stage& stage) {
                       Event event;
                       Atomic<int> ran{0};
                       stage.thread("A", [&] {
                         event.set();
                         ran.fetch_add(1, relaxed);
                       });
                       stage.thread("B", [&] {
                         event.wait();
                         ran.fetch_add(1, relaxed);
                       });
                       stage.thread("C", [&] {
                         event.wait();
                         ran.fetch_add(1, relaxed);
                       });
                       stage.run();
                       check(ran.load(relaxed) == 3, "all have run");
                     }};

const Scenario yields{{.name = "yield",
                       .about = "two threads yield to each other on one CPU",
                       .cpus = 1,
                       .preemptions = 2,
                       .interrupts = 2},
                      [](Stage& stage) {
                        int turns = 0;
                        for (const char* name : {"A", "B"}) {
                          stage.thread(name, [&] {
                            for (int round = 0; round < 2; ++round) {
                              turns = turns + 1;
                              sched::yield();
                            }
                          });
                        }
                        stage.run();
                      }};

const Scenario moves{
    {.name = "move",
     .about = "a thread's mask changes while it runs, blocks and wakes",
     .cpus = 2,
     .preemptions = 2,
     .random_runs = 2000},
    [](Stage& stage) {
      Event event;
      stage.thread("mover", [&] { event.wait(); });
      stage.thread("boss", [&] {
        check(sched::set_cpu_mask(thread_named("mover"), 2).has_value(), "that CPU exists");
        event.set();
        check(sched::set_cpu_mask(thread_named("mover"), 4).has_value(), "that one, too");
      });
      stage.run();
    }};

const Scenario sleeps{{.name = "sleep",
                       .about = "two sleep on two CPUs, with timers that fire early and late",
                       .cpus = 2,
                       .preemptions = 1,
                       .interrupts = 2,
                       .random_runs = 1000},
                      [](Stage& stage) {
                        stage.thread("A", [&] {
                          sched::sleep_until(1000);
                          check(hal::now() >= 1000, "nobody wakes too early");
                        });
                        stage.thread("B", [&] {
                          sched::sleep_until(2000);
                          check(hal::now() >= 2000, "nobody wakes too early");
                        });
                        stage.run();
                      }};

// A wake-up moves the thread from its busy CPU to an idle one, while a signal is on its way to it.
const Scenario wake_moves{
    {.name = "wake-moves",
     .about = "a thread is woken, moved and interrupted at once",
     .cpus = 4,
     .preemptions = 2,
     .random_runs = 2000},
    [](Stage& stage) {
      Event event;
      Atomic<int> word{0};
      stage.thread({.name = "waiter", .cpus = 3},
                   [&] { static_cast<void>(event.wait({k_never, /*interruptible=*/true})); });
      stage.thread({.name = "busy", .cpus = 1}, [&] { word.fetch_add(1, relaxed); });
      stage.thread({.name = "waker", .cpus = 4}, [&] {
        event.set();
        word.fetch_add(1, relaxed);
      });
      stage.thread({.name = "signal", .cpus = 8}, [] { sched::interrupt(thread_named("waiter")); });
      stage.run();
    }};

// A signal that comes before the wait ends the wait all the same.
const Scenario interrupt{{.name = "interrupt",
                          .about = "a signal comes before, in or after the decision to sleep",
                          .cpus = 2,
                          .preemptions = 3},
                         [](Stage& stage) {
                           stage.thread("waiter", [] {
                             Event never;
                             const auto result = never.wait({k_never, /*interruptible=*/true});
                             check(!result.has_value() && result.error() == Errno::intr,
                                   "the signal ends the wait");
                           });
                           stage.thread("signal", [] { sched::interrupt(thread_named("waiter")); });
                           stage.run();
                         }};

}  // namespace
}  // namespace weft::explore
