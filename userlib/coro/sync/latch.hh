// latch: a gate that opens when so many have come, for ever. wait_group: the same with a number that may
// still grow, for work whose amount is not known beforehand.
#pragma once

#include <cstddef>

#include "userlib/coro/sync/wait.hh"

namespace weft::coro {
namespace detail {

// A number that others wait for to be zero.
class Countdown {
 public:
  constexpr explicit Countdown(ptrdiff_t count) : count_(count) {
    ASSERT(count >= 0, "a count begins at zero or above");
  }
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;

  void change(ptrdiff_t by) {
    WakeList woken;
    {
      ObjectGuard guard(lock_);
      ASSERT(count_ + by >= 0, "a count goes down to zero and no further");
      count_ += by;
      if (count_ == 0) woken.add_all(waiters_);
    }
    woken.wake();
  }

  bool is_zero() {
    ObjectGuard guard(lock_);
    return count_ == 0;
  }

  template <Reason k_why>
  struct Attempt {
    static constexpr Reason k_reason = k_why;
    Countdown& it;
    const void* object() const { return &it; }
    ObjectLock& lock() const { return it.lock_; }
    WaitList& waiters() const { return it.waiters_; }
    bool succeeds(Waiter&) { return it.count_ == 0; }
  };

 private:
  ObjectLock lock_;
  ptrdiff_t count_;
  WaitList waiters_;
};

// What a latch and a wait group have in common: their waiting.
template <Reason k_reason>
class CountdownWait {
 public:
  constexpr explicit CountdownWait(ptrdiff_t count) : countdown_(count) {}

  // Waits as long as it takes; a cancellation does not end it.
  void wait() { wait_always(Attempt{countdown_}); }
  bool try_wait() { return countdown_.is_zero(); }
  // Wake::woken: all have come. Otherwise the deadline came first, or a cancellation.
  Wake wait_until(Instant deadline) { return detail::wait_until(Attempt{countdown_}, deadline); }
  template <typename Rep, typename Period>
  bool wait_for(const std::chrono::duration<Rep, Period>& duration) {
    return wait_until(deadline_after(duration)) == Wake::woken;
  }
  template <typename Clock, typename Duration>
  bool wait_until(const std::chrono::time_point<Clock, Duration>& time) {
    return wait_until(deadline_at(time)) == Wake::woken;
  }
  auto async_wait() { return Operation<Attempt>(Attempt{countdown_}); }
  auto async_wait_uninterruptibly() {
    return UninterruptibleOperation<Attempt>(Attempt{countdown_});
  }
  auto async_wait_until(Instant deadline) {
    return TimedOperation<Attempt>(Attempt{countdown_}, deadline);
  }

 protected:
  using Attempt = Countdown::Attempt<k_reason>;
  Countdown countdown_;
};

}  // namespace detail

class latch : public detail::CountdownWait<Reason::latch> {
 public:
  constexpr explicit latch(ptrdiff_t count) : CountdownWait(count) {}

  void count_down(ptrdiff_t amount = 1) { countdown_.change(-amount); }
  void arrive_and_wait(ptrdiff_t amount = 1) {
    count_down(amount);
    wait();
  }
};

class wait_group : public detail::CountdownWait<Reason::wait_group> {
 public:
  constexpr wait_group() : CountdownWait(0) {}

  // Before the work it stands for can be done(): so by who starts it, not by the work itself.
  void add(ptrdiff_t amount = 1) { countdown_.change(amount); }
  void done() { countdown_.change(-1); }
};

}  // namespace weft::coro
