// shared_mutex: many readers, or one writer. Fair: everyone queues in the order of coming, readers that
// stand next to each other go in together, and nobody who comes later passes those who wait. So neither
// readers nor writers starve, and who holds it shared must not ask for it a second time: a writer may
// wait in between.
#pragma once

#include <cstdint>

#include "userlib/coro/sync/wait.hh"

namespace weft::coro {

class CAPABILITY("shared mutex") shared_mutex {
 public:
  shared_mutex() = default;
  shared_mutex(const shared_mutex&) = delete;
  shared_mutex& operator=(const shared_mutex&) = delete;
  ~shared_mutex() { ASSERT(readers_ == 0 && !written_, "a shared mutex that goes is free"); }

  // As in mutex.hh: lock() waits as long as it takes, lock_until() up to a deadline or cancellation.
  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS;
  bool try_lock() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS;
  Wake lock_until(Instant deadline) NO_THREAD_SAFETY_ANALYSIS;
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& duration)
      TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    return lock_until(deadline_after(duration)) == Wake::woken;
  }
  template <typename Clock, typename Duration>
  bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time)
      TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    return lock_until(deadline_at(time)) == Wake::woken;
  }
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS;

  void lock_shared() ACQUIRE_SHARED() NO_THREAD_SAFETY_ANALYSIS;
  bool try_lock_shared() TRY_ACQUIRE_SHARED(true) NO_THREAD_SAFETY_ANALYSIS;
  Wake lock_shared_until(Instant deadline) NO_THREAD_SAFETY_ANALYSIS;
  template <typename Rep, typename Period>
  bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& duration)
      TRY_ACQUIRE_SHARED(true) NO_THREAD_SAFETY_ANALYSIS {
    return lock_shared_until(deadline_after(duration)) == Wake::woken;
  }
  template <typename Clock, typename Duration>
  bool try_lock_shared_until(const std::chrono::time_point<Clock, Duration>& time)
      TRY_ACQUIRE_SHARED(true) NO_THREAD_SAFETY_ANALYSIS {
    return lock_shared_until(deadline_at(time)) == Wake::woken;
  }
  void unlock_shared() RELEASE_SHARED() NO_THREAD_SAFETY_ANALYSIS;

  auto async_lock() { return Operation<Attempt>(as_writer()); }
  auto async_lock_until(Instant deadline) { return TimedOperation<Attempt>(as_writer(), deadline); }
  auto async_lock_shared() { return Operation<Attempt>(as_reader()); }
  auto async_lock_shared_until(Instant deadline) {
    return TimedOperation<Attempt>(as_reader(), deadline);
  }

  // The writer inside: for the report of a deadlock. It may be over before the answer is read.
  Coroutine* writer() const { return writer_.load(relaxed); }

 private:
  enum class Kind : uint32_t { shared, exclusive };

  struct Attempt {
    static constexpr Reason k_reason = Reason::rwlock;
    using Queued = WaiterWith<Kind>;
    shared_mutex& it;
    Kind kind;
    const void* object() const { return &it; }
    ObjectLock& lock() const { return it.lock_; }
    WaitList& waiters() const { return it.waiters_; }
    bool succeeds(Queued& waiter) {
      waiter.word = kind;
      return it.waiters_.empty() && it.take(kind, running());
    }
    // A writer that gives up lets those go on that stood behind it.
    void give_up(Waiter&, WakeList& woken) { it.hand_over(woken); }
  };
  Attempt as_writer() { return {*this, Kind::exclusive}; }
  Attempt as_reader() { return {*this, Kind::shared}; }

  // Under lock_.
  bool take(Kind kind, Coroutine& who);
  void hand_over(WakeList& woken);
  void end_writing() {
    written_ = false;
    writer_.store(nullptr, relaxed);
  }

  ObjectLock lock_;
  bool written_ = false;
  uint32_t readers_ = 0;
  Atomic<Coroutine*> writer_{nullptr};
  WaitList waiters_;  // each with the Kind that it wants
};

}  // namespace weft::coro
