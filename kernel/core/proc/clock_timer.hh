// ClockTimer: something to do when a clock has reached a time, whichever clock: for POSIX timers and
// interval timers. Clocks that go with the world stand on sched::Timer; CPU clocks are looked at by the
// tick of the process that they belong to, so such timers are up to a tick late.
#pragma once

#include "core/base/list.hh"
#include "core/proc/clock.hh"
#include "core/sched/timer.hh"

namespace weft::proc {

class Process;

class ClockTimer {
 public:
  // Called in an interrupt, with no lock held. It may start the timer anew.
  using Action = void (*)(void* argument);

  // A CPU clock is one of the process's own, or of a thread of its (clock.id).
  ClockTimer(Process& process, const Clock& clock, Action action, void* argument);
  ClockTimer(const ClockTimer&) = delete;
  ClockTimer& operator=(const ClockTimer&) = delete;

  // Runs the action when the clock says `time` or a little later. Once; it is not started yet.
  void start(Nanoseconds time);
  // The action may be running still.
  void cancel();
  // When it returns, the action is not running and will not run. No lock that the action takes is held.
  void end();

  const Clock& clock() const { return clock_; }
  // What the clock says.
  Nanoseconds now() const;

  // Called by the tick of the running thread: runs the timers of its process that are due.
  static void run_due(Process& process);

 private:
  bool is_due() const;

  Process& process_;
  Clock clock_;
  Action action_;
  void* argument_;
  sched::Timer timer_;
  ListHook hook_;  // among the process's, if it counts CPU time
  Nanoseconds time_ = 0;
  Atomic<uint32_t> running_{0};

 public:
  using CpuTimers = List<ClockTimer, &ClockTimer::hook_>;
};

}  // namespace weft::proc
