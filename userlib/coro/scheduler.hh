// The runtime as a program sees it: run() makes this thread, and others if wanted, into workers that
// share coroutines, and comes back when the last of them is over. One runtime at a time.
#pragma once

#include <utility>

#include "userlib/coro/go.hh"
#include "userlib/coro/sleep.hh"
#include "userlib/coro/stack_pool.hh"

namespace weft::coro {

enum class Mode : uint8_t {
  lone,           // one worker, no atomics: what a yield leaves alone, nobody else touches
  shared,         // M coroutines on N workers
  deterministic,  // one worker, whose choices and clock follow from the seed alone
};

struct Options {
  Mode mode = Mode::shared;
  unsigned workers = 0;  // shared only; 0: as many as this process may use CPUs
  uint64_t seed = 1;     // deterministic only
  // When all coroutines wait, and no timer, descriptor or blocking call could end that: who waits for
  // whom, once, to standard error (deadlock.hh). Then they wait on; a plain thread may wake one yet.
  bool report_deadlocks = false;
  // Shared only: a coroutine that runs that long without a wait or a yield lets others run (time_slice.hh
  // tells how, and where not). 0: it runs as long as it likes; what it holds up, other workers take over.
  Nanoseconds time_slice = 0;
};

namespace detail {
void run(const Options& options, void (*begin)(void*), void* argument);
}  // namespace detail

// Calls function() as the first coroutine. Returns its result when all coroutines are over; so never, if
// some wait for each other for ever.
template <typename Function>
auto run(const Options& options, Function function) {
  using Result = decltype(function());
  struct Start {
    Function& function;
    handle<Result> first;
  } start{function, {}};
  detail::run(
      options,
      [](void* argument) {
        auto& own = *static_cast<Start*>(argument);
        own.first = go([&function = own.function] { return function(); });
      },
      &start);
  return std::move(start.first).take();
}
template <typename Function>
auto run(Function function) {
  return run(Options{}, std::move(function));
}

struct Figures {
  unsigned workers = 0;  // one more than asked for, for each that was held up at the same time
  unsigned resting = 0;  // of them: those held up go on
  uint64_t spawned = 0;
  uint64_t alive = 0;
  uint64_t stolen = 0;
};
Figures figures();

}  // namespace weft::coro
