// A worker's sleep. In line, since the CPU guesses no return right that comes after the kernel's work: each is felt by
// whoever waits for the worker to wake.
#pragma once

#include <algorithm>

#include "userlib/base/clock.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/cache_line.hh"
#include "userlib/sys/futex.hh"

namespace weft::coro {

// Who wakes this worker does so, most often, by what the one waits for that has left it last.
inline void Worker::hand_on_to_waker() const {
  sys::hand_on(left_last_);
  sys::hand_on(left_for_);
}

// What its waker has just changed, and this one is about to, comes from there side by side: the mark of who sleeps,
// and, if it is as the last time, that waker's newest, and who has waited here.
[[gnu::always_inline]] inline void Worker::fetch_from_waker() const {
  sys::fetch_to_change(&sleeping_);
  sys::fetch_to_change(left_last_);
  if (const uint32_t turn = seen_turn_.load(relaxed); turn != 0)
    sys::fetch_to_change(&scheduler_.worker(number_in(turn)).newest_);
}

// Until a wake(), the deadline, or an event for one of its own, if none of them has come since begin_sleep(). Without a
// descriptor to be woken by, it sleeps for so long at most, and then looks at its own ones.
[[gnu::always_inline]] inline void Worker::sleep_until(Instant deadline) {
  constexpr Nanoseconds k_nap = k_millisecond;
  tracer_.note(Traced::worker_sleeps, 0, 0, number_);
  tracer_.flush();
  hand_on_to_waker();
  if (reactor_.waiting() > 0 && wake_descriptor_ < 0)
    deadline = std::min(deadline, instant_now() + k_nap);
  while (sleeping_.load(acquire) == k_on_futex) {
    if (deadline == k_never) {
      futex::wait(sleeping_, k_on_futex);
    } else if (!futex::wait_until(sleeping_, k_on_futex, deadline)) {
      break;
    }
    fetch_from_waker();
  }
  if (sleeping_.load(acquire) == k_in_poll) sleep_in_poll(deadline);
  const uint32_t word = sleeping_.load(relaxed);
  if (!is_sleep(word)) seen_turn_.store(word, relaxed);
  sleeping_.store(k_awake, relaxed);
  tracer_.note(Traced::worker_wakes, 0, 0, number_);
}

}  // namespace weft::coro
