// event: a door that is open or shut. Everyone waits at a shut door; set() opens it for all, and for those
// who come later, until clear() shuts it again.
#pragma once

#include "userlib/coro/sync/wait.hh"

namespace weft::coro {

class event {
 public:
  constexpr explicit event(bool is_set = false) : is_set_(is_set) {}
  event(const event&) = delete;
  event& operator=(const event&) = delete;

  bool is_set() {
    ObjectGuard guard(lock_);
    return is_set_;
  }
  void set() {
    WakeList woken;
    {
      ObjectGuard guard(lock_);
      is_set_ = true;
      woken.add_all(waiters_);
    }
    woken.wake();
  }
  void clear() {
    ObjectGuard guard(lock_);
    is_set_ = false;
  }

  // Waits as long as it takes; a cancellation does not end it.
  void wait() { detail::wait_always(Attempt{*this}); }
  // Wake::woken: it was set. Otherwise the deadline came first, or a cancellation.
  Wake wait_until(Instant deadline) { return detail::wait_until(Attempt{*this}, deadline); }
  template <typename Rep, typename Period>
  bool wait_for(const std::chrono::duration<Rep, Period>& duration) {
    return wait_until(deadline_after(duration)) == Wake::woken;
  }
  template <typename Clock, typename Duration>
  bool wait_until(const std::chrono::time_point<Clock, Duration>& time) {
    return wait_until(deadline_at(time)) == Wake::woken;
  }
  auto async_wait() { return Operation<Attempt>(Attempt{*this}); }
  auto async_wait_uninterruptibly() { return UninterruptibleOperation<Attempt>(Attempt{*this}); }
  auto async_wait_until(Instant deadline) {
    return TimedOperation<Attempt>(Attempt{*this}, deadline);
  }

  // For those who build a wait of their own on it.
  struct Attempt {
    static constexpr Reason k_reason = Reason::event;
    event& it;
    const void* object() const { return &it; }
    ObjectLock& lock() const { return it.lock_; }
    WaitList& waiters() const { return it.waiters_; }
    bool succeeds(Waiter&) { return it.is_set_; }
  };
  Attempt attempt() { return {*this}; }

 private:
  ObjectLock lock_;
  bool is_set_;
  WaitList waiters_;
};

}  // namespace weft::coro
