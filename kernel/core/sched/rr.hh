// Round robin: everybody in turn.
//   1. Tasks wait in one line, first come, first served.
//   2. The one that runs may keep the CPU for one quantum (10 ms). Then it goes to the end of the
//      line. So with n tasks in line nobody waits longer than n quanta.
//   3. A task that blocks or yields before its turn is over loses the rest of it.
//   4. Nobody takes the CPU from somebody else in the middle of a turn. (A task that must let go
//      for another reason comes back to the front, with the rest of its turn.)
// Priority and niceness mean nothing here.
#pragma once

#include "core/sched/policy.hh"

namespace weft::sched {

class RoundRobin final : public Policy {
 public:
  const char* name() const override { return "rr"; }
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
  List<Task, &Task::queue_hook> line_;
  size_t size_ = 0;
};

}  // namespace weft::sched
