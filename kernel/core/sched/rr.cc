#include "core/sched/rr.hh"

#include "core/sched/turn.hh"

namespace weft::sched {

void RoundRobin::enqueue(Task& task, Arrival why, Instant) {
  DEBUG_ASSERT(!task.queued, "a task is in one queue at a time");
  // lab:scheduler begin 1
  line_up(line_, task, why);
  task.queued = true;
  ++size_;
  // lab:scheduler stub: static_cast<void>(why);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 1");
  // lab:scheduler end
}

void RoundRobin::dequeue(Task& task) {
  DEBUG_ASSERT(task.queued, "only a queued task is taken out");
  // lab:scheduler begin 1
  line_.remove(task);
  task.queued = false;
  --size_;
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 1");
  // lab:scheduler end
}

Task* RoundRobin::pick(Instant) {
  // lab:scheduler begin 1
  Task* first = line_.front();
  if (first != nullptr) dequeue(*first);
  return first;
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 1");
  // lab:scheduler end
}

void RoundRobin::charge(Task& running, Nanoseconds used) {
  // lab:scheduler begin 1
  use_turn(running, used, [&] { return size_ == 0; });
  // lab:scheduler stub: static_cast<void>(running);
  // lab:scheduler stub: static_cast<void>(used);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 1");
  // lab:scheduler end
}

Nanoseconds RoundRobin::turn_left(const Task& running) const { return rest_of_turn(running); }

bool RoundRobin::preempts(const Task&, const Task&) const { return false; }

Task* RoundRobin::give_away(MayGo may_go, unsigned to_cpu) {
  // lab:scheduler begin 1
  for (Task* task = line_.back(); task != nullptr; task = line_.before(*task)) {
    if (!may_go(*task, to_cpu)) continue;
    dequeue(*task);
    return task;
  }
  return nullptr;
  // lab:scheduler stub: static_cast<void>(may_go);
  // lab:scheduler stub: static_cast<void>(to_cpu);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 1");
  // lab:scheduler end
}

void RoundRobin::leave(Task&) {}

}  // namespace weft::sched
