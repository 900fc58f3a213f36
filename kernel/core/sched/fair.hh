// Fair shares by virtual deadlines (earliest eligible virtual deadline first: Stoica and
// Abdel-Wahab, 1995; Linux has it since 6.6).
//   1. Each task has a weight. Niceness 0 weighs 1024; each step up or down weighs 1.25 times less
//      or more. Runnable tasks should get CPU time in proportion to their weights.
//   2. A task's virtual time is the CPU time it has had, divided by its weight (so it is in
//      nanoseconds for niceness 0, and goes slower for heavier tasks). If all were served ideally,
//      bit by bit at the same time, all virtual times would be equal to their weighted average V.
//   3. What a task is owed is its lag: V minus its virtual time. All lags, weighted, sum up to 0. A
//      task is eligible when its lag isn't negative: it has not had more than its share.
//   4. Each task asks for 4 ms at a time; one that blocked before its request was served asks next
//      time for as much as it had used (at least 0.5 ms). The deadline of a request is the task's
//      virtual time when it asked, plus the request divided by its weight. Of the eligible tasks
//      the one with the earliest deadline runs, until its request is served; then it asks anew.
//   5. A task that becomes runnable takes the CPU at once if it is eligible and its deadline is
//      earlier than that of the running one.
//   6. A task that blocks or moves takes its lag with it (at most a request's worth): neither
//      sleeping nor moving wins or loses anything. A new task starts with none.
//   7. A task that yields waives what it is owed: somebody else is eligible then, and it is not.
// The promise: no task is ever behind its ideal service by more than about 4 ms. So nobody starves.
// And who asks for little has an early deadline: short bursts get in soon, but not more often than
// their share allows.
//
// The tricky parts. (a) V is never computed on the hot path: eligible means v <= V = base + sum /
// weight, which is (v - base) * weight <= sum. (b) The queue is a tree sorted by deadline; each node
// knows the least virtual time below it, so the search for rule 4 goes straight down. (c) The two
// tasks that were enqueued last stay out of the tree until others come: threads that take turns in
// pairs, the commonest case, never have to be sorted. (d) For such a pair, both of niceness 0, V is
// in the middle between the two: arrive(), replace() and yield() know that, and do no sums.
#pragma once

#include <array>

#include "core/base/rbtree.hh"
#include "core/sched/policy.hh"

namespace weft::sched {

class FairShare final : public Policy {
 public:
  static constexpr Nanoseconds k_request = 4 * k_millisecond;
  static constexpr Nanoseconds k_least_request = k_millisecond / 2;
  static constexpr int k_unit_weight_bits = 10;
  static constexpr int64_t k_unit_weight = 1 << k_unit_weight_bits;
  static int64_t weight_of(int nice);

  const char* name() const override { return "fair"; }
  void enqueue(Task& task, Arrival why, Instant now) override;
  void dequeue(Task& task) override;
  Task* pick(Instant now) override;
  void charge(Task& running, Nanoseconds used) override;
  Nanoseconds turn_left(const Task& running) const override;
  bool preempts(const Task& newcomer, const Task& running) const override;
  Task* give_away(MayGo may_go, unsigned to_cpu) override;
  void leave(Task& task) override;
  size_t size() const override { return size_; }
  Nanoseconds arrive(Task& newcomer, Arrival why, Instant now, Task& running,
                     Nanoseconds used) override;
  Task* replace(Task& running, Nanoseconds used, Instant now) override;
  Task* yield(Task& running, Nanoseconds used, Instant now) override;

  // It has had no more than its share. The task is counted here.
  bool is_eligible(const Task& task) const { return has_come(task.virtual_time); }
  // V, rounded down.
  int64_t average() const;

 private:
  struct ByDeadline {
    static bool before(const Task& a, const Task& b) {
      return a.virtual_deadline < b.virtual_deadline;
    }
    static void summarize(Task& top, const Task* left, const Task* right);
  };

  bool has_come(int64_t virtual_time) const {
    return (virtual_time - base_) * total_weight_ <= sum_;
  }
  Task* best_in_tree() const;
  Task& take_only();
  void put(Task& task);
  void sort_in_recent();
  void join(Task& task, int64_t weight, Arrival why);
  void recenter();
  void count(Task& task, int64_t weight);
  void uncount(Task& task);
  void waive_lag(Task& task);
  static void ask(Task& task, Nanoseconds request);
  static Nanoseconds next_request(const Task& task, Arrival why);

  // Counted are the queued tasks and the running one.
  RbTree<Task, &Task::tree_hook, ByDeadline> tree_;  // the queued ones, but the last two
  Task* older_ = nullptr;
  Task* newest_ = nullptr;
  size_t size_ = 0;
  int64_t base_ = 0;          // a virtual time not far from V, so that the sums stay small
  int64_t sum_ = 0;           // of (virtual_time - base_) * weight, over all counted: exact
  int64_t total_weight_ = 0;  // of all counted
};

}  // namespace weft::sched
