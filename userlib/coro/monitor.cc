// The monitor: what it does for workers that are held up.
#include <algorithm>

#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/time_slice.hh"
#include "userlib/sys/futex.hh"

namespace weft::coro {
namespace {
constexpr Nanoseconds k_period = 10 * k_millisecond;
}

// A worker whose turns don't change runs one coroutine all the time, or waits in the kernel. What is in
// its queues others can take; if all others work (or there are none), there shall be one more worker.
// With time slices a signal is tried first. Those who wait for its timers and descriptors are helped from here.
void Scheduler::monitor() {
  const Nanoseconds period = has_slices_ ? std::min(k_period, options_.time_slice) : k_period;
  uint32_t turns[k_most_workers] = {};
  while (!stopping()) {
    if (all_idle()) {
      sleep_until_work();
      continue;
    }
    const unsigned count = worker_count();
    for (unsigned i = 0; i < count; ++i) turns[i] = worker(i).turns();
    (void)futex::wait_until(monitor_word_, k_monitor_works, instant_now() + period);
    if (!stopping() && relieve(turns, count)) add_worker();
  }
}

// Is one more worker wanted?
bool Scheduler::relieve(const uint32_t* turns_before, unsigned count) {
  bool stuck = false;
  bool waiting = !shared_queue_empty();
  for (unsigned i = 0; i < count; ++i) {
    Worker& each = worker(i);
    waiting = waiting || each.has_something();
    if (each.is_asleep() || each.turns() != turns_before[i]) continue;
    (void)each.poll();
    // One that a signal can't move is in the kernel, or in a library.
    const bool is_interrupted = has_slices_ && !each.was_signalled(turns_before[i]);
    if (is_interrupted) end_turn_of(each.thread());
    stuck = stuck || !is_interrupted;
  }
  return stuck && waiting && idle_.load(seq_cst) == 0 && searching_.load(seq_cst) == 0;
}

// Whoever begins to work again wakes it: it looks for the sleeping monitor after it has taken its mark
// away, and the monitor looks for marks after it has said that it sleeps.
void Scheduler::sleep_until_work() {
  uint32_t works = k_monitor_works;
  if (!monitor_word_.compare_exchange(works, k_monitor_sleeps, seq_cst)) return;
  if (!all_idle()) return wake_sleeping_monitor();
  while (monitor_word_.load(seq_cst) == k_monitor_sleeps)
    futex::wait(monitor_word_, k_monitor_sleeps);
}

void Scheduler::wake_sleeping_monitor() {
  uint32_t sleeps = k_monitor_sleeps;
  if (monitor_word_.compare_exchange(sleeps, k_monitor_works, seq_cst))
    futex::wake_one(monitor_word_);
}

}  // namespace weft::coro
