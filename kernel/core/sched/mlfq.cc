#include "core/sched/mlfq.hh"

namespace weft::sched {

// A second has passed: whoever is queued stands in the top line now, the upper levels first. What
// the tasks themselves remember is put right when each is touched next.
void FeedbackQueues::begin_epoch(Instant now) {
  // lab:scheduler begin 3
  epoch_ = now / k_boost_period;
  next_epoch_ = (epoch_ + 1) * k_boost_period;
  for (int level = 1; level < k_levels; ++level) lines_[0].append(lines_[level]);
  // lab:scheduler stub: static_cast<void>(now);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
}

void FeedbackQueues::refresh(Task& task) const {
  // lab:scheduler begin 3
  if (task.epoch >= epoch_) return;
  task.epoch = epoch_;
  task.level = 0;
  task.level_used = 0;
  // lab:scheduler stub: static_cast<void>(task);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
}

// Takes the task down as many levels as it has used up. False if it may stay where it is.
bool FeedbackQueues::sink(Task& task) {
  // lab:scheduler begin 3
  if (task.level_used < allotment(task.level)) return false;
  while (task.level < k_levels - 1 && task.level_used >= allotment(task.level)) {
    task.level_used -= allotment(task.level);
    ++task.level;
  }
  task.level_used %= allotment(task.level);
  return true;
  // lab:scheduler stub: static_cast<void>(task);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
}

void FeedbackQueues::enqueue(Task& task, Arrival why, Instant now) {
  DEBUG_ASSERT(!task.queued, "a task is in one queue at a time");
  // lab:scheduler begin 3
  if (now >= next_epoch_) begin_epoch(now);
  refresh(task);
  const bool has_sunk = sink(task);
  if (why == Arrival::preempted && !has_sunk) {
    lines_[task.level].push_front(task);
  } else {
    lines_[task.level].push_back(task);
  }
  // lab:scheduler stub: static_cast<void>(why);
  // lab:scheduler stub: static_cast<void>(now);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
  task.queued = true;
  ++size_;
}

void FeedbackQueues::dequeue(Task& task) {
  DEBUG_ASSERT(task.queued, "only a queued task is taken out");
  Line::remove(task);
  task.queued = false;
  --size_;
}

Task* FeedbackQueues::pick(Instant now) {
  // lab:scheduler begin 3
  if (now >= next_epoch_) begin_epoch(now);
  for (auto& line : lines_) {
    Task* first = line.front();
    if (first == nullptr) continue;
    dequeue(*first);
    refresh(*first);
    return first;
  }
  return nullptr;
  // lab:scheduler stub: static_cast<void>(now);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
}

void FeedbackQueues::charge(Task& running, Nanoseconds used) {
  // lab:scheduler begin 3
  refresh(running);
  running.level_used += used;
  if (size_ == 0) sink(running);  // alone it sinks in the midst of running
  // lab:scheduler stub: static_cast<void>(running);
  // lab:scheduler stub: static_cast<void>(used);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
}

Nanoseconds FeedbackQueues::turn_left(const Task& running) const {
  // lab:scheduler begin 3
  const Nanoseconds used = running.epoch < epoch_ ? 0 : running.level_used;
  const Nanoseconds whole = allotment(level_of(running));
  return used < whole ? whole - used : 0;
  // lab:scheduler stub: static_cast<void>(running);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
}

bool FeedbackQueues::preempts(const Task& newcomer, const Task& running) const {
  // lab:scheduler begin 3
  return level_of(newcomer) < level_of(running);
  // lab:scheduler stub: static_cast<void>(newcomer);
  // lab:scheduler stub: static_cast<void>(running);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 3");
  // lab:scheduler end
}

Task* FeedbackQueues::give_away(MayGo may_go, unsigned to_cpu) {
  for (int level = k_levels - 1; level >= 0; --level) {
    for (Task* task = lines_[level].back(); task != nullptr; task = lines_[level].before(*task)) {
      if (!may_go(*task, to_cpu)) continue;
      dequeue(*task);
      return task;
    }
  }
  return nullptr;
}

void FeedbackQueues::leave(Task&) {}

}  // namespace weft::sched
