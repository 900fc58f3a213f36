// condition_variable: waiting for something that another thread makes true under a mutex.
// condition_variable_any: the same with any lock, and with waits that a stop_token ends.
//
// A word counts the notifications. A waiter reads it under the mutex, lets the mutex go, and sleeps
// only if nobody has notified meanwhile: so no wake-up falls between the two.
#pragma once

#include <chrono>
#include <concepts>
#include <utility>

#include "userlib/base/clock.hh"
#include "userlib/sys/futex.hh"
#include "userlib/thread/cv_status.hh"
#include "userlib/thread/lock.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/stop_token.hh"

namespace weft {

namespace detail {

// The part that both share, which knows nothing of locks.
class Notifications {
 public:
  constexpr Notifications() = default;
  Notifications(const Notifications&) = delete;
  Notifications& operator=(const Notifications&) = delete;

  // As the standard allows it: everybody has been notified, but not everybody has come back yet. They
  // touch the words until they have left.
  ~Notifications() {
    uint32_t left = waiters_.fetch_or(k_going, acq_rel) | k_going;
    while (left != k_going) {
      futex::wait(waiters_, left);
      left = waiters_.load(acquire);
    }
  }

  // A waiter comes, still under the lock. From now on a notification is not lost.
  uint32_t enter() {
    // Before it reads whatever ends its wait. Who changes that under the lock is ordered by the lock;
    // a stop source is not: it writes "stop" and then looks for waiters, in one order for all.
    waiters_.fetch_add(1, seq_cst);
    return count_.load(seq_cst);
  }
  void leave() {
    if (waiters_.fetch_sub(1, acq_rel) == (k_going | 1)) futex::wake_all(waiters_);
  }
  // Without the lock. False when the time is over. May come back for no reason.
  bool sleep(uint32_t seen, Instant deadline) { return futex::wait_until(count_, seen, deadline); }

  void notify_one() {
    if (count()) futex::wake_one(count_);
  }
  void notify_all() {
    if (count()) futex::wake_all(count_);
  }

 private:
  static constexpr uint32_t k_going = uint32_t{1} << 31;  // in waiters_: the destructor is at work

  // Whether there is anybody to wake.
  bool count() {
    count_.fetch_add(1, seq_cst);
    return waiters_.load(seq_cst) != 0;
  }

  Atomic<uint32_t> count_{0};
  Atomic<uint32_t> waiters_{0};
};

// The waits of the standard, over one function: wait_until_instant(lock, deadline), false when the time
// is over. May come back for no reason; the forms with a condition look again.
template <typename Self>
class TimedWaits {
 public:
  template <typename Lock>
  void wait(Lock& lock) {
    self().wait_until_instant(lock, k_never);
  }
  template <typename Lock, std::predicate Condition>
  void wait(Lock& lock, Condition condition) {
    while (!condition()) wait(lock);
  }

  template <typename Lock, typename Rep, typename Period>
  cv_status wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& duration) {
    return status(self().wait_until_instant(lock, instant_after(duration)));
  }
  template <typename Lock, typename Rep, typename Period, std::predicate Condition>
  bool wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& duration,
                Condition condition) {
    const Instant deadline = instant_after(duration);
    while (!condition()) {
      if (!self().wait_until_instant(lock, deadline)) return condition();
    }
    return true;
  }

  template <typename Lock, typename Clock, typename Duration>
  cv_status wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& time) {
    return status(wait_until_time(
        time, [&](Instant deadline) { return self().wait_until_instant(lock, deadline); }));
  }
  template <typename Lock, typename Clock, typename Duration, std::predicate Condition>
  bool wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& time,
                  Condition condition) {
    while (!condition()) {
      if (wait_until(lock, time) == cv_status::timeout) return condition();
    }
    return true;
  }

 private:
  static cv_status status(bool notified) {
    return notified ? cv_status::no_timeout : cv_status::timeout;
  }
  Self& self() { return static_cast<Self&>(*this); }
};

}  // namespace detail

class condition_variable : public detail::TimedWaits<condition_variable> {
 public:
  constexpr condition_variable() = default;

  void notify_one() { notifications_.notify_one(); }
  void notify_all() { notifications_.notify_all(); }

  // `lock` is our unique_lock, or the standard's, that holds one of our mutexes. The notifier changes
  // the condition under that mutex; whether it notifies under it, too, is up to it.
  template <typename Lock>
    requires std::same_as<decltype(std::declval<Lock&>().mutex()), weft::mutex*>
  bool wait_until_instant(Lock& lock, Instant deadline) {
    const uint32_t seen = notifications_.enter();
    lock.unlock();
    const bool notified = notifications_.sleep(seen, deadline);
    notifications_.leave();
    lock.lock();
    return notified;
  }

 private:
  detail::Notifications notifications_;
};

class condition_variable_any : public detail::TimedWaits<condition_variable_any> {
 public:
  constexpr condition_variable_any() = default;

  void notify_one() { notifications_.notify_one(); }
  void notify_all() { notifications_.notify_all(); }

  template <typename Lock>
  bool wait_until_instant(Lock& lock, Instant deadline) {
    return wait_once(lock, deadline, [] { return false; });
  }

  using TimedWaits::wait;
  using TimedWaits::wait_for;
  using TimedWaits::wait_until;

  // Until the condition holds or a stop is requested: whether it holds.
  template <typename Lock, std::predicate Condition>
  bool wait(Lock& lock, stop_token token, Condition condition) {
    return wait_stoppable(lock, token, condition,
                          [&](auto stopped) { return wait_once(lock, k_never, stopped); });
  }
  template <typename Lock, typename Rep, typename Period, std::predicate Condition>
  bool wait_for(Lock& lock, stop_token token, const std::chrono::duration<Rep, Period>& duration,
                Condition condition) {
    const Instant deadline = instant_after(duration);
    return wait_stoppable(lock, token, condition,
                          [&](auto stopped) { return wait_once(lock, deadline, stopped); });
  }
  template <typename Lock, typename Clock, typename Duration, std::predicate Condition>
  bool wait_until(Lock& lock, stop_token token,
                  const std::chrono::time_point<Clock, Duration>& time, Condition condition) {
    return wait_stoppable(lock, token, condition, [&](auto stopped) {
      return wait_until_time(time,
                             [&](Instant deadline) { return wait_once(lock, deadline, stopped); });
    });
  }

 private:
  template <typename Lock, typename Stopped>
  bool wait_once(Lock& lock, Instant deadline, Stopped stopped) {
    const uint32_t seen = notifications_.enter();
    if (stopped()) {
      notifications_.leave();
      return true;
    }
    lock.unlock();
    const bool notified = notifications_.sleep(seen, deadline);
    notifications_.leave();
    lock.lock();
    return notified;
  }

  template <typename Lock, typename Condition, typename Wait>
  bool wait_stoppable(Lock&, stop_token& token, Condition& condition, Wait wait) {
    const auto stopped = [&] { return token.stop_requested(); };
    const stop_callback wake(token, [this] { notify_all(); });
    while (!condition()) {
      if (stopped() || !wait(stopped)) return condition();
    }
    return true;
  }

  detail::Notifications notifications_;
};

}  // namespace weft
