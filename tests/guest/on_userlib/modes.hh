// For cases on coroutines that must be the same in every mode of the runtime.
#pragma once

#include "userlib/coro/scheduler.hh"

namespace weft::guest {

// Runs body() under a runtime of each mode, and after() when that is over.
template <typename Body, typename After = decltype([] {})>
void in_all_modes(Body body, After after = {}) {
  using coro::Mode;
  for (const auto mode : {Mode::lone, Mode::shared, Mode::deterministic}) {
    coro::run(coro::Options{.mode = mode, .workers = 2}, body);
    after();
  }
}

}  // namespace weft::guest
