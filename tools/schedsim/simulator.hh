// Simulator: CPUs, a clock and the kernel's policy objects, one for each CPU. It does with jobs what
// the kernel's scheduler does with threads, but switching takes no time and placing is simpler: a
// job that becomes runnable goes to an idle CPU (the one it ran on, if it may choose), else to the
// shortest queue; an idle CPU takes a job from the longest queue.
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include "core/sched/policy.hh"
#include "workload.hh"

namespace weft::schedsim {

// What a job did from `start` to `end`.
struct Interval {
  enum class State { ready, running, blocked };

  Instant start;
  Instant end;
  State state;
  unsigned cpu;  // while running
};

struct Job : sched::Task {
  const JobPlan* plan = nullptr;
  std::vector<Interval> history;
  std::optional<Instant> finish;

  // Where it stands in its plan.
  size_t next_burst = 0;
  uint64_t round = 0;
  Nanoseconds burst_left = 0;  // of the CPU burst it is in
  unsigned cpu = 0;            // whose queue it is on, or was on last
};

class Simulator {
 public:
  Simulator(const Workload& workload, sched::PolicyKind policy, unsigned cpus);

  // To the end of the last job, or to the workload's `until`.
  void run();

  const std::deque<Job>& jobs() const { return jobs_; }
  Instant now() const { return now_; }
  uint64_t switches() const { return switches_; }
  uint64_t preemptions() const { return preemptions_; }
  uint64_t migrations() const { return migrations_; }

 private:
  struct Cpu {
    unsigned id = 0;
    sched::PolicyBox policy;
    Job* running = nullptr;
    Job* last = nullptr;  // who ran before
    bool must_choose = false;
  };
  // A job becomes runnable.
  struct Event {
    Instant time;
    uint64_t order;
    Job* job;
    sched::Arrival why;
    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : order > other.order;
    }
  };

  // What a job's plan says it does next.
  struct Next {
    enum class Kind { compute, wait, finish };

    Kind kind;
    Nanoseconds length;
    bool yields_first;
  };

  Instant next_change();
  void pass_time(Instant to);
  void end_bursts();
  void end_waits();
  void end_turns();
  void choose();

  static Next next_of(Job& job);
  void wait_or_finish(Job& job, const Next& next);
  void give_up(Cpu& cpu, sched::Arrival why);
  void place(Job& job, sched::Arrival why);
  Cpu& cpu_for(const Job& job);
  Job* steal_for(Cpu& idle);
  void enter(Job& job, Interval::State state);
  void wake_at(Instant time, Job& job, sched::Arrival why);

  const Workload& workload_;
  Instant now_ = 0;
  std::deque<Job> jobs_;
  std::deque<Cpu> cpus_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  uint64_t events_made_ = 0;
  uint64_t switches_ = 0;
  uint64_t preemptions_ = 0;
  uint64_t migrations_ = 0;
};

}  // namespace weft::schedsim
