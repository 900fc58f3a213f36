// Multi-level feedback queues: learn from what a task did who needs the CPU soon.
//   1. There are five levels, 0 the most urgent. A task of an upper level takes the CPU at once from
//      one of a lower level. Within a level it is first come, first served.
//   2. A new task starts at level 0.
//   3. At each level a task has an allotment of CPU time: 5 ms at level 0, twice as much at each
//      level below. When it has used that up it goes down one level (at the last, to the end of the
//      line, with a new allotment). It doesn't matter in how many pieces it used it: a task can't
//      keep its level by blocking just before the end.
//   4. A turn lasts until the allotment is used up. A task that blocks or yields comes back to the
//      end of its level's line with the rest of its allotment; one that was interrupted, to the
//      front.
//   5. Once a second everybody is lifted to level 0 with a new allotment. So long computations don't
//      starve, and a task that has become interactive is treated as one.
// Short bursts therefore finish at the upper levels, soon; long ones sink to where turns are long and
// switches few. Nobody has to say beforehand which is which. Priority and niceness mean nothing here.
//
// The tricky part is rule 5: nobody walks over all tasks. Seconds are numbered (epochs); a task knows
// in which epoch its level was true, and in a later one it is at level 0. The lines of the queue
// itself are appended to one another.
#pragma once

#include <array>

#include "core/sched/policy.hh"

namespace weft::sched {

class FeedbackQueues final : public Policy {
 public:
  static constexpr int k_levels = 5;
  static constexpr Nanoseconds k_boost_period = k_second;
  static constexpr Nanoseconds allotment(int level) { return 5 * k_millisecond << level; }

  const char* name() const override { return "mlfq"; }
  void enqueue(Task& task, Arrival why, Instant now) override;
  void dequeue(Task& task) override;
  Task* pick(Instant now) override;
  void charge(Task& running, Nanoseconds used) override;
  Nanoseconds turn_left(const Task& running) const override;
  bool preempts(const Task& newcomer, const Task& running) const override;
  Task* give_away(MayGo may_go, unsigned to_cpu) override;
  void leave(Task& task) override;
  size_t size() const override { return size_; }

  // At which level the task stands now.
  int level_of(const Task& task) const { return task.epoch < epoch_ ? 0 : task.level; }

 private:
  using Line = List<Task, &Task::queue_hook>;

  void begin_epoch(Instant now);
  void refresh(Task& task) const;
  static bool sink(Task& task);

  std::array<Line, k_levels> lines_;
  uint64_t epoch_ = 0;
  Instant next_epoch_ = k_boost_period;
  size_t size_ = 0;
};

}  // namespace weft::sched
