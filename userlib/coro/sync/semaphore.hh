// counting_semaphore: the kitchen with n keys. Who waits longest gets the next key: release() hands it
// over, so that nobody who comes later can snatch it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "userlib/coro/sync/wait.hh"
#include "userlib/sys/exit.hh"

namespace weft::coro {

template <ptrdiff_t k_least_max = PTRDIFF_MAX>
class counting_semaphore {
 public:
  static constexpr ptrdiff_t max() { return k_least_max; }

  constexpr explicit counting_semaphore(ptrdiff_t count) : count_(count) {
    ASSERT(count >= 0 && count <= max(), "a semaphore begins with a count that it can have");
  }
  counting_semaphore(const counting_semaphore&) = delete;
  counting_semaphore& operator=(const counting_semaphore&) = delete;

  // Waits as long as it takes; a cancellation does not end it.
  [[gnu::always_inline]] void acquire() { detail::wait_always(Attempt{*this}); }
  bool try_acquire() {
    ObjectGuard guard(lock_);
    return take();
  }
  // Wake::woken: it has one. Otherwise the deadline came first, or a cancellation.
  Wake acquire_until(Instant deadline) { return detail::wait_until(Attempt{*this}, deadline); }
  template <typename Rep, typename Period>
  bool try_acquire_for(const std::chrono::duration<Rep, Period>& duration) {
    return acquire_until(deadline_after(duration)) == Wake::woken;
  }
  template <typename Clock, typename Duration>
  bool try_acquire_until(const std::chrono::time_point<Clock, Duration>& time) {
    return acquire_until(deadline_at(time)) == Wake::woken;
  }

  void release(ptrdiff_t amount = 1) {
    if (amount == 1) return release_one();
    ASSERT(add(amount), "a semaphore's count stays below its max()");
  }

  auto async_acquire() { return Operation<Attempt>(Attempt{*this}); }
  auto async_acquire_until(Instant deadline) {
    return TimedOperation<Attempt>(Attempt{*this}, deadline);
  }

 protected:
  // False, and nothing happens, if the count would get too large.
  bool add(ptrdiff_t amount, ptrdiff_t most = max()) {
    WakeList woken;
    {
      ObjectGuard guard(lock_);
      if (amount < 0 || amount > most - count_) return false;
      for (; amount > 0; --amount) {
        Waiter* waiting = waiters_.claim_waiter();
        if (waiting == nullptr) break;
        woken.add(*waiting);
      }
      count_ += amount;
    }
    woken.wake();
    return true;
  }

 private:
  void release_one() {
    lock_.lock();
    Coroutine* waiting = waiters_.claim_first();
    if (waiting == nullptr) {
      ASSERT(count_ < max(), "a semaphore's count stays below its max()");
      ++count_;
    }
    lock_.unlock();
    if (waiting != nullptr) unpark(*waiting);
  }

  struct Attempt {
    static constexpr Reason k_reason = Reason::semaphore;
    counting_semaphore& it;
    const void* object() const { return &it; }
    ObjectLock& lock() const { return it.lock_; }
    WaitList& waiters() const { return it.waiters_; }
    bool succeeds(Waiter&) { return it.take(); }
  };

  bool take() {
    if (count_ == 0) return false;
    --count_;
    return true;
  }

  ObjectLock lock_;
  ptrdiff_t count_;  // whenever somebody waits, it is 0
  WaitList waiters_;
};

using binary_semaphore = counting_semaphore<1>;

// One that knows how many keys there are: a key too many that is brought back is refused, which finds
// those who release what they never acquired.
class bounded_semaphore : private counting_semaphore<> {
 public:
  explicit bounded_semaphore(ptrdiff_t count) : counting_semaphore(count), most_(count) {}

  using counting_semaphore::acquire;
  using counting_semaphore::acquire_until;
  using counting_semaphore::async_acquire;
  using counting_semaphore::async_acquire_until;
  using counting_semaphore::try_acquire;
  using counting_semaphore::try_acquire_for;
  using counting_semaphore::try_acquire_until;
  // False, and nothing happens, if more would be released than were acquired.
  [[nodiscard]] bool try_release(ptrdiff_t amount = 1) { return add(amount, most_); }
  // The same, but throws Errno::overflow (see sys/exit.hh).
  void release(ptrdiff_t amount = 1) {
    if (!try_release(amount))
      throw_error(Errno::overflow, "a semaphore got back more than it gave");
  }

 private:
  ptrdiff_t most_;
};

}  // namespace weft::coro
