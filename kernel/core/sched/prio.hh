// Fixed priorities: the most urgent runs.
//   1. Of all runnable tasks the one with the highest effective priority (0 to 63) runs. Effective
//      is the task's own priority or one that it inherits from a more urgent task which waits for
//      it, whichever is higher.
//   2. A task that becomes runnable takes the CPU at once from one of lower priority. That one comes
//      back to the front of its line, with the rest of its turn.
//   3. Among equals it is round robin: first come, first served, for one quantum (10 ms) each.
// A low priority can wait for ever, as long as higher ones have work: that is the promise, too.
//
// There is one line for each priority. One bit for each line says whether anybody stands in it, so
// that finding the best takes one instruction, however many tasks there are.
#pragma once

#include <array>

#include "core/sched/policy.hh"

namespace weft::sched {

class FixedPriority final : public Policy {
 public:
  const char* name() const override { return "prio"; }
  void enqueue(Task& task, Arrival why, Instant now) override;
  void dequeue(Task& task) override;
  Task* pick(Instant now) override;
  void charge(Task& running, Nanoseconds used) override;
  Nanoseconds turn_left(const Task& running) const override;
  bool preempts(const Task& newcomer, const Task& running) const override;
  Task* give_away(MayGo may_go, unsigned to_cpu) override;
  void leave(Task& task) override;
  size_t size() const override { return size_; }

 private:
  static constexpr size_t k_levels = k_highest_priority + 1;
  static_assert(k_lowest_priority == 0 && k_levels == 64, "one bit of a word for each level");

  using Line = List<Task, &Task::queue_hook>;

  void take_out(Task& task, int level);

  std::array<Line, k_levels> lines_;
  uint64_t occupied_ = 0;  // bit n is set when lines_[n] isn't empty
  size_t size_ = 0;
};

}  // namespace weft::sched
