// What the stress tests share: workers of all kinds, and random waits.
#pragma once

#include <ostream>
#include <random>
#include <utility>

#include <gtest/gtest.h>

#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler.hh"

namespace weft::coro {

struct Workers {
  Mode mode;
  unsigned count;
};

inline void PrintTo(const Workers& workers, std::ostream* out) {
  *out << (workers.mode == Mode::lone ? "lone" : "shared") << workers.count;
}

class CoroStress : public testing::TestWithParam<Workers> {
 protected:
  template <typename Function>
  void run_all(Function function) {
    run(Options{.mode = GetParam().mode, .workers = GetParam().count}, std::move(function));
  }
  bool has_other_threads() const { return GetParam().mode == Mode::shared; }
};

inline constexpr int k_rounds = 400;

// Sometimes nothing, sometimes another one's turn.
inline void dawdle(std::mt19937& random) {
  if (random() % 4 == 0) yield();
}

// Soon, or never.
inline Instant some_deadline(std::mt19937& random) {
  return random() % 2 == 0 ? k_never : now() + random() % (20 * k_microsecond);
}

}  // namespace weft::coro
