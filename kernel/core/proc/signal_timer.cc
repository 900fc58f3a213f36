#include "core/proc/signal_timer.hh"

#include <algorithm>
#include <limits>

#include "core/proc/process.hh"

namespace weft::proc {

SignalTimer::SignalTimer(Process& process, const Clock& clock, const SignalInfo& info, int32_t tid)
    : process_(process), tid_(tid), timer_(process, clock, on_time, this) {
  record_.info = info;
  record_.on_taken = on_taken;
}

void SignalTimer::end() {
  {
    SpinGuard guard(lock_);
    time_ = 0;
    waits_until_taken_ = false;
  }
  timer_.end();
  withdraw(process_, record_);
  timer_.end();  // the signal may have been taken just before
}

// The clock is read before the lock is taken: reading may need the tree's.
TimerSetting SignalTimer::set(Nanoseconds time, bool is_absolute, Nanoseconds interval) {
  const Nanoseconds now = timer_.now();
  SpinGuard guard(lock_);
  const TimerSetting old = setting_locked(now);
  timer_.cancel();
  waits_until_taken_ = false;
  overrun_ = 0;
  interval_ = time == 0 ? 0 : interval;
  time_ = time == 0 || is_absolute ? time : now + time;
  if (time_ != 0) timer_.start(time_);
  return old;
}

TimerSetting SignalTimer::get() {
  const Nanoseconds now = timer_.now();
  SpinGuard guard(lock_);
  return setting_locked(now);
}

int32_t SignalTimer::overrun() {
  SpinGuard guard(lock_);
  return overrun_;
}

// One that is about to go off has a nanosecond left: 0 would say that it isn't armed.
TimerSetting SignalTimer::setting_locked(Nanoseconds now) {
  if (time_ == 0) return {0, interval_};
  if (time_ > now) return {time_ - now, interval_};
  if (interval_ == 0) return {waits_until_taken_ ? 0u : 1u, 0};
  return {interval_ - (now - time_) % interval_, interval_};
}

// Lets the intervals go by that have; how many. The next time lies behind now.
uint64_t SignalTimer::move_on(Nanoseconds now) {
  if (time_ > now) return 0;
  const uint64_t gone = (now - time_) / interval_ + 1;
  time_ += gone * interval_;
  return gone;
}

void SignalTimer::on_time(void* argument) {
  auto& self = *static_cast<SignalTimer*>(argument);
  const Nanoseconds now = self.timer_.now();
  {
    SpinGuard guard(self.lock_);
    if (self.time_ == 0 || self.waits_until_taken_) return;
    if (self.time_ > now) {  // it was set anew just now
      self.timer_.cancel();
      self.timer_.start(self.time_);
      return;
    }
    self.waits_until_taken_ = true;
  }
  const bool is_wanted = self.record_.info.signal != 0;
  if (is_wanted && send_prepared(self.process_, self.tid_, self.record_) == Prepared::pending)
    return;
  // Nobody will take it. The next time comes, but not at every nanosecond.
  constexpr Nanoseconds k_least_rest = k_millisecond;
  SpinGuard guard(self.lock_);
  if (!self.waits_until_taken_) return;
  self.waits_until_taken_ = false;
  if (self.interval_ == 0) {
    self.time_ = 0;
    return;
  }
  self.move_on(now);
  self.timer_.start(std::max(self.time_, now + k_least_rest));
}

// Under the signal lock of its process.
void SignalTimer::on_taken(QueuedSignal& signal, SignalInfo& info) {
  SignalTimer& self = static_cast<Record&>(signal).timer;
  const bool counts_cpu_of_thread = self.timer_.clock().kind == ClockKind::thread_cpu;
  const Nanoseconds now = counts_cpu_of_thread ? 0 : self.timer_.now();
  SpinGuard guard(self.lock_);
  if (!self.waits_until_taken_) return;
  self.waits_until_taken_ = false;
  self.overrun_ = 0;
  if (self.interval_ == 0) {
    self.time_ = 0;
  } else {
    // The first of those that went by is what this signal tells of.
    const uint64_t gone = std::max<uint64_t>(self.move_on(std::max(now, self.time_)), 1);
    self.overrun_ =
        static_cast<int32_t>(std::min<uint64_t>(gone - 1, std::numeric_limits<int32_t>::max()));
    self.timer_.start(self.time_);
  }
  if (info.code == abi::k_si_timer) info.timer.overrun = self.overrun_;
}

}  // namespace weft::proc
