// Sleeping for the standard's durations and until its times, and the names of std::this_thread for a
// coroutine. (go.hh has the same in plain nanoseconds.)
#pragma once

#include "userlib/coro/go.hh"
#include "userlib/coro/sync/wait.hh"

namespace weft::coro {

// On the scheduler's clock, in the deterministic mode too.
template <typename Rep, typename Period>
Wake sleep_for(const std::chrono::duration<Rep, Period>& duration) {
  return sleep_until(deadline_after(duration));
}
template <typename Clock, typename Duration>
Wake sleep_until(const std::chrono::time_point<Clock, Duration>& time) {
  return sleep_until(deadline_at(time));
}

namespace this_coro {
using coro::sleep_for;
using coro::sleep_until;
using coro::yield;
}  // namespace this_coro

}  // namespace weft::coro
