// The monitor: what it does for workers that are held up.
#include <algorithm>

#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/time_slice.hh"
#include "userlib/sys/futex.hh"

namespace weft::coro {
namespace {
constexpr Nanoseconds k_period = 10 * k_millisecond;
}

// What is in the queues of a worker that is held up others can take; if all others have work all the time (or
// there are none), there shall be one more worker. When it goes on, one of them rests again: as many work as were
// asked for, and one for each that is held up. With time slices, that is one whom a signal has not helped.
// Those who wait for its timers and descriptors are helped from here.
void Scheduler::monitor() {
  const Nanoseconds period = has_slices_ ? std::min(k_period, options_.time_slice) : k_period;
  Watch watch;
  while (!stopping()) {
    if (all_idle()) {
      sleep_until_work();
      continue;
    }
    (void)futex::wait_until(monitor_word_, k_monitor_works, instant_now() + period);
    if (!stopping()) look_after_workers(watch);
  }
}

void Scheduler::look_after_workers(Watch& watch) {
  unsigned held_up = 0;
  uint32_t searches = 0;
  for (unsigned i = 0; i < worker_count(); ++i) {
    Worker& each = worker(i);
    searches += each.searches();
    const uint32_t turn = each.turns();
    if (!watch.sees_same_turn(i, each.is_asleep(), turn)) continue;
    (void)each.poll();
    // Each time, since the last signal may have come at a bad place.
    if (has_slices_) end_turn_of(each.thread());
    if (has_slices_ ? each.was_signalled(turn) : watch.is_held_up(i)) ++held_up;
  }
  // With time slices all signals may come where nobody can be interrupted: then more workers are the way
  // out, as many as there can be, and none rests.
  want_workers(has_slices_ ? k_most_workers : first_count_ + held_up);
  const bool all_have_work = watch.all_have_work(searches);
  if (held_up > 0 && all_have_work && something_waits() && lacks_workers() &&
      idle_.load(seq_cst) == 0 && searching_.load(seq_cst) == 0)
    add_worker();
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
