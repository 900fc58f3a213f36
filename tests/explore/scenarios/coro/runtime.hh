// The coroutines' runtime in a scenario.
#pragma once

#include "explore/scenario.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler_state.hh"

namespace weft::explore {

// A runtime whose workers are threads of the scenario.
class Runtime {
 public:
  Runtime(coro::Mode mode, unsigned workers) : scheduler_({.mode = mode, .workers = workers}) {}

  // What the first worker does: it begins with a coroutine that calls function().
  template <typename Function>
  void begin(Function function) {
    scheduler_.first_worker().live(
        [](void* argument) { coro::go(*static_cast<Function*>(argument)).detach(); }, &function);
  }
  // And the second one.
  void help() { scheduler_.worker(1).live(nullptr, nullptr); }
  coro::Scheduler& scheduler() { return scheduler_; }

 private:
  coro::Scheduler scheduler_;
};

// The first child of all goes the long way, since no block and no stack are at hand yet. The next ones don't.
inline void begin_and_join_one() {
  coro::go({.launch = coro::Launch::now}, [] {}).join();
}

}  // namespace weft::explore
