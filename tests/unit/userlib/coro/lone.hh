// For tests that tell what happens step by step: on one worker, the order of things is known.
#pragma once

#include <utility>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"

namespace weft::coro {

template <typename Function>
void lone(Function function) {
  run(Options{.mode = Mode::lone}, std::move(function));
}

// Lets everyone else run until they wait.
inline void let_others_run() {
  for (int i = 0; i < 20; ++i) yield();
}

}  // namespace weft::coro
