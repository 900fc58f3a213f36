// The timers of a process: the three of setitimer(), and those of timer_create(). A child has none of
// its parent's. A program that is executed keeps the three.
#pragma once

#include <array>

#include "core/base/rbtree.hh"
#include "core/proc/signal_timer.hh"
#include "core/sync/mutex.hh"

namespace weft::proc {

// Those that go by the CPU time of the process or of one of its threads.
struct CpuTimerQueue {
  SpinLock lock{Rank::cpu_timers};
  ClockTimer::CpuTimers timers GUARDED_BY(lock);
  Atomic<uint32_t> count{0};
};

class Timers {
 public:
  static constexpr size_t k_interval_timers = 3;

  explicit Timers(Process& process);
  ~Timers();

  // By ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF.
  SignalTimer& interval_timer(uint32_t which) { return intervals_[which]; }

  // A POSIX timer; its number. With `has_own_value` the signal carries info's value, else the number.
  // Errno::again if there are as many signals and timers as RLIMIT_SIGPENDING allows; Errno::nomem.
  Result<int32_t> create(const Clock& clock, const SignalInfo& info, int32_t tid,
                         bool has_own_value);
  // Calls use(timer), which does not block; Errno::inval if there is no timer of that number.
  template <typename Use>
  Result<> with(int32_t id, Use use) {
    MutexGuard guard(lock_);
    SignalTimer* const timer = find(id);
    if (timer == nullptr) return fail(Errno::inval);
    use(*timer);
    return {};
  }
  Result<> remove(int32_t id);
  // All POSIX timers: the process executes a program.
  void remove_all();

 private:
  struct ById {
    static bool before(const SignalTimer& a, const SignalTimer& b) { return a.id < b.id; }
  };
  using Tree = RbTree<SignalTimer, &SignalTimer::node, ById>;
  SignalTimer* find(int32_t id) REQUIRES(lock_);

  Process& process_;
  std::array<SignalTimer, k_interval_timers> intervals_;
  Mutex lock_{Rank::timer_table};
  Tree created_ GUARDED_BY(lock_);
  int32_t next_id_ GUARDED_BY(lock_) = 0;
};

// The process's, made when they are first wanted. Errno::nomem.
Result<Timers*> timers_of(Process& process);
// The running process ends.
void end_timers(Process& process);

}  // namespace weft::proc
