#include "core/sched/prio.hh"

#include <bit>

#include "core/sched/turn.hh"

namespace weft::sched {

namespace {
constexpr uint64_t bit(int level) { return uint64_t{1} << level; }
}  // namespace

void FixedPriority::enqueue(Task& task, Arrival why, Instant) {
  DEBUG_ASSERT(!task.queued, "a task is in one queue at a time");
  // lab:scheduler begin 2
  task.level = task.effective_priority();
  line_up(lines_[task.level], task, why);
  occupied_ |= bit(task.level);
  task.queued = true;
  ++size_;
  // lab:scheduler stub: static_cast<void>(why);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 2");
  // lab:scheduler end
}

void FixedPriority::take_out(Task& task, int level) {
  DEBUG_ASSERT(task.queued && task.level == level, "only a queued task is taken out");
  // lab:scheduler begin 2
  Line::remove(task);
  if (lines_[level].empty()) occupied_ &= ~bit(level);
  task.queued = false;
  --size_;
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 2");
  // lab:scheduler end
}

// The task's priority may have changed since it was enqueued, but not its level.
void FixedPriority::dequeue(Task& task) { take_out(task, task.level); }

Task* FixedPriority::pick(Instant) {
  // lab:scheduler begin 2
  if (occupied_ == 0) return nullptr;
  const int highest = std::bit_width(occupied_) - 1;
  Task* first = lines_[highest].front();
  take_out(*first, highest);
  return first;
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 2");
  // lab:scheduler end
}

void FixedPriority::charge(Task& running, Nanoseconds used) {
  // lab:scheduler begin 2
  use_turn(running, used, [&] { return occupied_ >> running.effective_priority() == 0; });
  // lab:scheduler stub: static_cast<void>(running);
  // lab:scheduler stub: static_cast<void>(used);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 2");
  // lab:scheduler end
}

Nanoseconds FixedPriority::turn_left(const Task& running) const { return rest_of_turn(running); }

bool FixedPriority::preempts(const Task& newcomer, const Task& running) const {
  // lab:scheduler begin 2
  return newcomer.effective_priority() > running.effective_priority();
  // lab:scheduler stub: static_cast<void>(newcomer);
  // lab:scheduler stub: static_cast<void>(running);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 2");
  // lab:scheduler end
}

Task* FixedPriority::give_away(MayGo may_go, unsigned to_cpu) {
  // lab:scheduler begin 2
  for (uint64_t left = occupied_; left != 0; left &= left - 1) {
    const auto& line = lines_[std::countr_zero(left)];
    for (Task* task = line.back(); task != nullptr; task = line.before(*task)) {
      if (!may_go(*task, to_cpu)) continue;
      dequeue(*task);
      return task;
    }
  }
  return nullptr;
  // lab:scheduler stub: static_cast<void>(may_go);
  // lab:scheduler stub: static_cast<void>(to_cpu);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 2");
  // lab:scheduler end
}

void FixedPriority::leave(Task&) {}

}  // namespace weft::sched
