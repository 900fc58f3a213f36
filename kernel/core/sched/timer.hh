// Timers: something to do at an instant. Each CPU has a queue of its own, sorted by deadline, and
// arms the machine's one-shot timer for the first. Blocking with a time-out stands on this.
#pragma once

#include "core/base/rbtree.hh"
#include "core/base/types.hh"
#include "core/sync/spin_lock.hh"

namespace weft::sched {

class TimerQueue;

// Often on the stack of the thread that waits. It must be cancelled, or have run, before it dies.
class Timer {
 public:
  // What is called when the time has come: in an interrupt, under the queue's lock. So it is short,
  // takes only locks of a higher rank, and starts or cancels no timer. With `Lock::free` that lock is
  // free meanwhile: the action takes whatever spin locks it needs, and may start its timer anew.
  using Action = void (*)(void* argument);
  enum class Lock : bool { held, free };

  constexpr Timer(Action action, void* argument, Lock lock = Lock::held)
      : action_(action), argument_(argument), lock_(lock) {}
  ~Timer() { DEBUG_ASSERT(!node_.is_linked(), "a timer is cancelled before it dies"); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Runs the action at the deadline or a little later, on the CPU that calls this. A deadline that
  // has passed runs it at once, by the next timer interrupt.
  void start(Instant deadline);
  // When this returns, the action is not running and will not run (with Lock::free it may be running
  // still). True if it had not run yet.
  bool cancel();
  // The same for Lock::free, for good: when it returns, the action is not running either, and has
  // started nothing. The caller holds no lock that the action takes.
  void end();

 private:
  friend class TimerQueue;
  struct Order {
    static bool before(const Timer& a, const Timer& b) { return a.deadline_ < b.deadline_; }
  };

  RbNode node_;
  Instant deadline_ = 0;
  Action action_;
  void* argument_;
  Lock lock_;
  Atomic<uint32_t> running_{0};  // the action, on so many CPUs (Lock::free)
  TimerQueue* queue_ = nullptr;  // where it was started
};

class TimerQueue {
 public:
  // Runs what is due. Returns the next deadline, or k_never. Interrupts are off.
  Instant run_due(Instant now);
  Instant next_deadline();

 private:
  friend class Timer;

  SpinLock lock_{Rank::timers};
  RbTree<Timer, &Timer::node_, Timer::Order> timers_ GUARDED_BY(lock_);
};

}  // namespace weft::sched
