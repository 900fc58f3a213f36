// Policy: which of the runnable tasks of one CPU runs next, and for how long. The mechanism
// (run_queue.hh, scheduler.hh) holds the locks, switches and keeps the time; a policy only decides.
// Each CPU has its own object; the simulator and the unit tests run the same objects.
//
// The life of a task, as a policy sees it:
//
//   enqueue(fresh, woken, moved)           charge() while it runs, turn_left() says for how long
//   ----------------------------> queued  -- pick() -->  running  -- leave() -->  gone: it blocked,
//                                   ^                      |                      ended or moved
//                                   +--- enqueue(expired, preempted, yielded)
//
// The running task is not in the queue. What leaves the queue in another way, by dequeue() or
// give_away(), comes back by enqueue(changed), or leaves.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "core/sched/task.hh"

namespace weft::sched {

// Why a task comes to the queue.
enum class Arrival {
  fresh,      // it is new
  woken,      // it was blocked
  yielded,    // it ran and gave the CPU away
  preempted,  // it ran and lost the CPU before the end of its turn
  expired,    // it ran to the end of its turn
  moved,      // it comes from another CPU's queue, after leave() there
  changed,    // it was dequeued, got another priority or niceness, and comes back
};

class Policy {
 public:
  // Whether a task may run on that CPU.
  using MayGo = bool (*)(const Task& task, unsigned cpu);

  virtual const char* name() const = 0;

  // The task is runnable from now on.
  virtual void enqueue(Task& task, Arrival why, Instant now) = 0;
  // Takes out a queued task that is not to be run (its priority changes, or it moves).
  virtual void dequeue(Task& task) = 0;
  // Takes out the task that should run now, and starts its turn; nullptr if none is queued.
  virtual Task* pick(Instant now) = 0;
  // The running task has used the CPU for that long since the last call. Nothing if it has left.
  virtual void charge(Task& running, Nanoseconds used) = 0;
  // How much longer the running task's turn lasts, if others want the CPU. 0: it is over.
  virtual Nanoseconds turn_left(const Task& running) const = 0;
  // A queued task that was just enqueued should take the CPU from the running one at once.
  virtual bool preempts(const Task& newcomer, const Task& running) const = 0;
  // The task that would run last and that `may_go` allows, for another CPU to take; it is taken
  // out. nullptr if there is none.
  virtual Task* give_away(MayGo may_go, unsigned to_cpu) = 0;
  // The running task blocks or ends, or one that was taken out leaves for another CPU: makes what
  // the policy keeps in the task independent of this queue (enqueue binds it again).
  virtual void leave(Task& task) = 0;
  // How many tasks are queued.
  virtual size_t size() const = 0;

  // ---- What most switches are made of, in one go: a policy may do these in fewer steps -----------

  // A task comes while another one runs, which has used the CPU for that long: charge() and enqueue().
  // How long the running one may go on now; 0: it should give way at once.
  virtual Nanoseconds arrive(Task& newcomer, Arrival why, Instant now, Task& running,
                             Nanoseconds used);
  // The running task, which has used the CPU for that long, blocks or ends: charge(), leave(), pick().
  virtual Task* replace(Task& running, Nanoseconds used, Instant now);
  // The same, but it stays runnable and only gives the CPU away: charge(), enqueue(yielded), pick().
  virtual Task* yield(Task& running, Nanoseconds used, Instant now);

 protected:
  ~Policy() = default;
};

enum class PolicyKind { rr, prio, mlfq, fair };

inline constexpr std::array<PolicyKind, 4> k_all_policies{PolicyKind::rr, PolicyKind::prio,
                                                          PolicyKind::mlfq, PolicyKind::fair};

std::string_view policy_name(PolicyKind kind);
std::optional<PolicyKind> find_policy(std::string_view name);

// Room for one policy object of any kind, so that a run queue needs no allocation.
class PolicyBox {
 public:
  PolicyBox() = default;
  PolicyBox(const PolicyBox&) = delete;
  PolicyBox& operator=(const PolicyBox&) = delete;

  // Makes a policy of that kind in the box. What was in it before must be empty.
  Policy& emplace(PolicyKind kind);
  Policy& operator*() { return *policy_; }
  Policy* operator->() { return policy_; }
  // Calls `use` with the policy; with the usual one as what it is, so that it needs no look into a table.
  template <typename Use>
  auto with(Use use);

 private:
  template <typename ChosenPolicy>
  Policy& make();

  static constexpr size_t k_room = 2048;
  alignas(64) std::byte storage_[k_room];
  Policy* policy_ = nullptr;
  bool is_fair_ = false;
};

}  // namespace weft::sched
