// What a scenario is written with.
//
//   const Scenario mutual_exclusion{
//       {.name = "spin-lock", .about = "two threads add under a spin lock", .cpus = 2},
//       [](Stage& stage) {
//         SpinLock lock(Rank::user);                 // set-up: no choices yet
//         int count = 0;
//         for (const char* name : {"A", "B"}) {
//           stage.thread(name, [&] {
//             SpinGuard guard(lock);
//             ++count;
//           });
//         }
//         stage.run();                               // every way in which A and B can take turns
//         check(count == 2, "nothing is lost");      // after each of them
//       }};
//
// The body runs anew for each interleaving from stage.run() on; variables have then the values of the
// set-up. What the threads share is best a local variable of the body.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "core/sched/thread.hh"
#include "explore/engine/verdict_kind.hh"

namespace weft::explore {

class Stage;

struct ScenarioOptions {
  const char* name;
  const char* about;
  // 0: threads without a kernel, each on a CPU of its own, with futexes. Otherwise a machine with so
  // many CPUs that runs the core; the threads are kernel threads.
  unsigned cpus = 0;
  // How far the search goes in `make test`, and with LONG=1: so many switches away from a thread that
  // could go on, interrupts that come early or late, and loads that see an old value.
  uint8_t preemptions = 2;
  uint8_t long_preemptions = 3;
  uint8_t interrupts = 0;
  uint8_t old_stores = 0;
  // Also so many runs with random priorities (PCT).
  uint32_t random_runs = 0;
  // What it is there to show: a known mistake that must be found.
  Verdict expected = Verdict::passed;
  // Not 0: the search leaves nothing out, and must make so many runs.
  uint64_t expected_runs = 0;
};

class Scenario {
 public:
  Scenario(const ScenarioOptions& options, void (*body)(Stage&));
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  const ScenarioOptions& options() const { return options_; }
  void run(Stage& stage) const { body_(stage); }

  // All that there are, in no order.
  static const Scenario* first();
  const Scenario* next() const { return next_; }

 private:
  ScenarioOptions options_;
  void (*body_)(Stage&);
  const Scenario* next_;
};

class Stage {
 public:
  // Another thread. The name and the function stay alive.
  template <typename Function>
  void thread(const char* name, Function function) {
    auto* closure = new Function(std::move(function));
    add_thread(
        {.name = name}, [](void* argument) { (*static_cast<Function*>(argument))(); }, closure);
  }
  // The same with a priority, or kept to some CPUs (bit 0 stands for the first).
  struct ThreadOptions {
    const char* name;
    int priority = 0;  // more than the others', or less
    CpuMask cpus = k_any_cpu;
  };
  template <typename Function>
  void thread(const ThreadOptions& options, Function function) {
    auto* closure = new Function(std::move(function));
    add_thread(options, [](void* argument) { (*static_cast<Function*>(argument))(); }, closure);
  }

  // Lets them run until each has come to its end.
  void run();

 private:
  void add_thread(const ThreadOptions& options, void (*entry)(void*), void* argument);
};

// Fails the run if the condition doesn't hold.
void check(bool condition, const char* promise);
// What came of the run, for a search that compares.
void observe(uint64_t outcome);
// The kernel thread of that name, which the scenario has made.
Thread& thread_named(const char* name);

}  // namespace weft::explore
