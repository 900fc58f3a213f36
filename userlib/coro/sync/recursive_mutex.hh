// recursive_mutex: its owner may lock it again, and unlocks it as often.
#pragma once

#include <cstddef>

#include "userlib/coro/stackless/task.hh"
#include "userlib/coro/sync/mutex.hh"

namespace weft::coro {

class CAPABILITY("recursive mutex") recursive_mutex {
 public:
  recursive_mutex() = default;
  recursive_mutex(const recursive_mutex&) = delete;
  recursive_mutex& operator=(const recursive_mutex&) = delete;

  // As in mutex.hh.
  void lock() ACQUIRE() NO_THREAD_SAFETY_ANALYSIS {
    if (enters_again()) return;
    mutex_.lock();
    enter();
  }
  bool try_lock() TRY_ACQUIRE(true) NO_THREAD_SAFETY_ANALYSIS {
    if (enters_again()) return true;
    if (!mutex_.try_lock()) return false;
    enter();
    return true;
  }
  Wake lock_until(Instant deadline) NO_THREAD_SAFETY_ANALYSIS {
    if (enters_again()) return Wake::woken;
    const Wake outcome = mutex_.lock_until(deadline);
    if (outcome == Wake::woken) enter();
    return outcome;
  }
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
  void unlock() RELEASE() NO_THREAD_SAFETY_ANALYSIS {
    ASSERT(owner_.load(relaxed) == &self(), "a recursive mutex is unlocked by its owner");
    if (--depth_ > 0) return;
    owner_.store(nullptr, relaxed);
    mutex_.unlock();
  }

  // For tasks. The owner is the task that was spawned, with all that it awaits.
  task<Wake> async_lock_until(Instant deadline) {
    if (enters_again()) co_return Wake::woken;
    const Wake outcome = co_await mutex_.async_lock_until(deadline);
    if (outcome == Wake::woken) enter();
    co_return outcome;
  }
  task<Wake> async_lock() { return async_lock_until(k_never); }

 private:
  // Nobody else can write our own address there, so an old value tells us enough.
  bool enters_again() {
    if (owner_.load(relaxed) != &self()) return false;
    ++depth_;
    return true;
  }
  void enter() {
    owner_.store(&self(), relaxed);
    depth_ = 1;
  }

  mutex mutex_;
  Atomic<Coroutine*> owner_{nullptr};
  size_t depth_ = 0;  // the owner's
};

}  // namespace weft::coro
