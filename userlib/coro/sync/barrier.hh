// barrier: a number of participants meet again and again. When the last one has come, the completion
// function runs, and all go on into the next phase.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "userlib/coro/sync/wait.hh"

namespace weft::coro {

namespace detail {
struct NoCompletion {
  void operator()() const noexcept {}
};
}  // namespace detail

template <typename Completion = detail::NoCompletion>
class barrier {
 public:
  // Says in which phase its owner has arrived.
  class arrival_token {
    friend class barrier;
    explicit arrival_token(uint64_t phase) : phase_(phase) {}
    uint64_t phase_;
  };

  explicit barrier(ptrdiff_t participants, Completion completion = Completion())
      : participants_(participants), missing_(participants), completion_(std::move(completion)) {
    ASSERT(participants >= 0, "a barrier has participants");
  }
  barrier(const barrier&) = delete;
  barrier& operator=(const barrier&) = delete;

  // Has come, but does not wait yet.
  [[nodiscard]] arrival_token arrive(ptrdiff_t amount = 1) {
    return arrival_token(come(amount, 0));
  }
  // Waits as long as it takes; a cancellation does not end it.
  void wait(arrival_token token) { detail::wait_always(Attempt{*this, token.phase_}); }
  void arrive_and_wait() { wait(arrive()); }
  // Has come, and will not come again.
  void arrive_and_drop() { (void)come(1, 1); }

  // Wake::woken: the phase is over. Otherwise the deadline came first, or a cancellation; it has arrived
  // all the same.
  Wake wait_until(arrival_token token, Instant deadline) {
    return detail::wait_until(Attempt{*this, token.phase_}, deadline);
  }
  template <typename Rep, typename Period>
  bool wait_for(arrival_token token, const std::chrono::duration<Rep, Period>& duration) {
    return wait_until(token, deadline_after(duration)) == Wake::woken;
  }
  template <typename Clock, typename Duration>
  bool wait_until(arrival_token token, const std::chrono::time_point<Clock, Duration>& time) {
    return wait_until(token, deadline_at(time)) == Wake::woken;
  }
  auto async_wait(arrival_token token) { return Operation<Attempt>({*this, token.phase_}); }
  auto async_wait_uninterruptibly(arrival_token token) {
    return UninterruptibleOperation<Attempt>({*this, token.phase_});
  }
  auto async_wait_until(arrival_token token, Instant deadline) {
    return TimedOperation<Attempt>({*this, token.phase_}, deadline);
  }
  auto async_arrive_and_wait() { return async_wait(arrive()); }

 private:
  struct Attempt {
    static constexpr Reason k_reason = Reason::barrier;
    barrier& it;
    uint64_t phase;
    const void* object() const { return &it; }
    ObjectLock& lock() const { return it.lock_; }
    WaitList& waiters() const { return it.waiters_; }
    bool succeeds(Waiter&) { return it.phase_ != phase; }
  };

  uint64_t come(ptrdiff_t amount, ptrdiff_t dropped) {
    uint64_t phase;
    {
      ObjectGuard guard(lock_);
      ASSERT(amount > 0 && amount <= missing_, "no more arrive at a barrier than are missing");
      phase = phase_;
      participants_ -= dropped;
      missing_ -= amount;
      if (missing_ > 0) return phase;
    }
    // Everyone has come, and nobody can come again before the phase ends: we are alone here.
    completion_();
    WakeList woken;
    {
      ObjectGuard guard(lock_);
      ++phase_;
      missing_ = participants_;
      woken.add_all(waiters_);
    }
    woken.wake();
    return phase;
  }

  ObjectLock lock_;
  uint64_t phase_ = 0;
  ptrdiff_t participants_;
  ptrdiff_t missing_;
  WaitList waiters_;
  [[no_unique_address]] Completion completion_;
};

}  // namespace weft::coro
