// A turn: how long a task may run before others of its kind come. For the policies rr and prio.
#pragma once

#include "core/sched/policy.hh"

namespace weft::sched {

inline constexpr Nanoseconds k_quantum = 10 * k_millisecond;

// The running task has used that much of its turn. `is_alone()`: nobody waits for the end of it, and
// so, when it is over, the next one begins. (But a turn that ends at this very instant has ended:
// who comes now goes first.)
template <typename Question>
void use_turn(Task& running, Nanoseconds used, Question is_alone) {
  running.slice_used += used;
  if (running.slice_used > k_quantum && is_alone()) [[unlikely]] {
    running.slice_used = (running.slice_used - 1) % k_quantum + 1;
  }
}

inline Nanoseconds rest_of_turn(const Task& running) {
  return running.slice_used < k_quantum ? k_quantum - running.slice_used : 0;
}

// Adds the task to those that wait: with the rest of its turn at the front if it was interrupted in
// it, else at the back, for a whole one.
template <typename Queue>
void line_up(Queue& queue, Task& task, Arrival why) {
  if (why == Arrival::preempted && task.slice_used < k_quantum) {
    queue.push_front(task);
  } else {
    task.slice_used = 0;
    queue.push_back(task);
  }
}

}  // namespace weft::sched
