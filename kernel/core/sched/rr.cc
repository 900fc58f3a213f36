#include "core/sched/rr.hh"

#include "core/sched/turn.hh"

namespace weft::sched {

void RoundRobin::enqueue(Task& task, Arrival why, Instant) {
  DEBUG_ASSERT(!task.queued, "a task is in one queue at a time");
  line_up(line_, task, why);
  task.queued = true;
  ++size_;
}

void RoundRobin::dequeue(Task& task) {
  DEBUG_ASSERT(task.queued, "only a queued task is taken out");
  line_.remove(task);
  task.queued = false;
  --size_;
}

Task* RoundRobin::pick(Instant) {
  Task* first = line_.front();
  if (first != nullptr) dequeue(*first);
  return first;
}

void RoundRobin::charge(Task& running, Nanoseconds used) {
  use_turn(running, used, [&] { return size_ == 0; });
}

Nanoseconds RoundRobin::turn_left(const Task& running) const { return rest_of_turn(running); }

bool RoundRobin::preempts(const Task&, const Task&) const { return false; }

Task* RoundRobin::give_away(MayGo may_go, unsigned to_cpu) {
  for (Task* task = line_.back(); task != nullptr; task = line_.before(*task)) {
    if (!may_go(*task, to_cpu)) continue;
    dequeue(*task);
    return task;
  }
  return nullptr;
}

void RoundRobin::leave(Task&) {}

}  // namespace weft::sched
