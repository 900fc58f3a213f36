// SignalTimer: sends a signal when its time has come, and again after each interval. While the signal
// has not been taken, the times that go by are counted, and the receiver is told how many; so a timer
// of one nanosecond interrupts nobody more often than he listens.
//
//   idle -- set() --> armed -- the time comes --> signal pending -- taken, with an interval --> armed
//                                                                 -- taken, without ----------> idle
#pragma once

#include "core/base/rbtree.hh"
#include "core/proc/clock_timer.hh"
#include "core/proc/signal.hh"
#include "core/sync/spin_lock.hh"

namespace weft::proc {

// How much time is left until a timer goes off, and how much lies between the times after that.
struct TimerSetting {
  Nanoseconds left = 0;  // 0: it is not armed
  Nanoseconds interval = 0;
};

class SignalTimer {
 public:
  // The signal goes to the process, or to its thread `tid`; info.signal 0: nobody is told.
  SignalTimer(Process& process, const Clock& clock, const SignalInfo& info, int32_t tid);
  // It has ended: its process is ending, or it was deleted.
  ~SignalTimer() { end(); }

  // `time` counts from now, or is what the clock will say; 0 disarms it. What it was set to before.
  TimerSetting set(Nanoseconds time, bool is_absolute, Nanoseconds interval);
  TimerSetting get();
  // How many more times it had gone off when its last signal was taken.
  int32_t overrun();

  int32_t id = 0;  // of a POSIX timer, in its process
  RbNode node;

 private:
  static void on_time(void* self);
  static void on_taken(QueuedSignal& signal, SignalInfo& info);

  void end();
  TimerSetting setting_locked(Nanoseconds now) REQUIRES(lock_);
  uint64_t move_on(Nanoseconds now) REQUIRES(lock_);

  struct Record : QueuedSignal {
    explicit Record(SignalTimer& owner) : timer(owner) {}
    SignalTimer& timer;
  };

  Process& process_;
  int32_t tid_;
  SpinLock lock_{Rank::signal_timer};
  ClockTimer timer_;
  Record record_{*this};
  Nanoseconds time_ GUARDED_BY(lock_) = 0;  // when it goes off next; 0: never
  Nanoseconds interval_ GUARDED_BY(lock_) = 0;
  bool waits_until_taken_ GUARDED_BY(lock_) = false;
  int32_t overrun_ GUARDED_BY(lock_) = 0;
};

}  // namespace weft::proc
