// condition_variable: waiting for something that somebody else makes true under a mutex. Works with any
// lock that has lock() and unlock(), such as unique_lock<coro::mutex>.
//
// Who waits is in the queue before the mutex is let go, so no notification falls between the two.
#pragma once

#include <concepts>

#include "userlib/coro/stackless/task.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/thread/cv_status.hh"

namespace weft::coro {

using weft::cv_status;

class condition_variable {
 public:
  condition_variable() = default;
  condition_variable(const condition_variable&) = delete;
  condition_variable& operator=(const condition_variable&) = delete;

  void notify_one() {
    lock_.lock();
    Coroutine* waiting = waiters_.claim_first();
    lock_.unlock();
    if (waiting != nullptr) unpark(*waiting);
  }
  void notify_all() {
    WakeList woken;
    {
      ObjectGuard guard(lock_);
      woken.add_all(waiters_);
    }
    woken.wake();
  }

  // The lock is let go while it waits, and is held again when it comes back, however that ended. It
  // comes back when it is notified, and for no other reason; but the condition may have been changed
  // again before it has the lock, so the forms with a condition look again.
  template <typename Lock>
  void wait(Lock& lock) {
    (void)wait(lock, k_never, Park::waiting_uninterruptibly);
  }
  template <typename Lock, std::predicate Condition>
  void wait(Lock& lock, Condition condition) {
    while (!condition()) wait(lock);
  }

  // Wake::woken: it was notified. Otherwise the deadline came first, or a cancellation. The standard's forms,
  // which have no word for the latter, say timeout for both: it was not notified.
  template <typename Lock>
  Wake wait_until(Lock& lock, Instant deadline) {
    return wait(lock, deadline, Park::waiting);
  }
  // The answer is what the condition says at the end.
  template <typename Lock, std::predicate Condition>
  bool wait_until(Lock& lock, Instant deadline, Condition condition) {
    while (!condition()) {
      if (wait_until(lock, deadline) != Wake::woken) return condition();
    }
    return true;
  }
  template <typename Lock, typename Rep, typename Period>
  cv_status wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& duration) {
    return status(wait_until(lock, deadline_after(duration)));
  }
  template <typename Lock, typename Rep, typename Period, std::predicate Condition>
  bool wait_for(Lock& lock, const std::chrono::duration<Rep, Period>& duration,
                Condition condition) {
    return wait_until(lock, deadline_after(duration), std::move(condition));
  }
  template <typename Lock, typename Clock, typename Duration>
  cv_status wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& time) {
    return status(wait_until(lock, deadline_at(time)));
  }
  template <typename Lock, typename Clock, typename Duration, std::predicate Condition>
  bool wait_until(Lock& lock, const std::chrono::time_point<Clock, Duration>& time,
                  Condition condition) {
    return wait_until(lock, deadline_at(time), std::move(condition));
  }

  // For tasks, with the mutex itself, which the task holds. The mutex is waited for whatever comes.
  task<Wake> async_wait_until(mutex& held, Instant deadline) {
    const Wake outcome = co_await UnlockAndWait{*this, held, detail::Timed(deadline)};
    (void)co_await held.async_lock_uninterruptibly();
    co_return outcome;
  }
  task<Wake> async_wait(mutex& held) { return async_wait_until(held, k_never); }

 private:
  static cv_status status(Wake how) {
    return how == Wake::woken ? cv_status::no_timeout : cv_status::timeout;
  }

  template <typename Lock>
  Wake wait(Lock& lock, Instant deadline, Park how) {
    Waiter waiter;
    lock_.lock();
    waiter.prepare(Reason::condition, how);
    waiters_.push_back(waiter);
    lock_.unlock();
    lock.unlock();
    const Wake outcome = park(this, deadline);
    if (outcome != Wake::woken) {
      ObjectGuard guard(lock_);
      waiters_.remove(waiter);
    }
    lock.lock();
    return outcome;
  }

  // A task's wait. Once it is in the queue, it may go on elsewhere; it will then want the mutex, and so
  // cannot get past us before we have let that go.
  struct UnlockAndWait {
    condition_variable& it;
    mutex& held;
    detail::Timed ending;
    Waiter waiter{};

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) NO_THREAD_SAFETY_ANALYSIS {
      ASSERT(in_task(), "what awaits here runs on the scheduler: see go(task)");
      condition_variable& variable = it;
      mutex& let_go = held;
      variable.lock_.lock();
      Coroutine& task = self();
      suspend_task(handle, Reason::condition, &variable);
      waiter.prepare(task, Reason::condition);
      ending.arm(task);
      variable.waiters_.push_back(waiter);
      const bool is_cancelled = detail::is_cancelled_already(task);
      variable.lock_.unlock();
      let_go.unlock();
      if (is_cancelled) unpark(task);
    }
    Wake await_resume() {
      const Wake outcome = end_task_wait();
      if (outcome != Wake::woken) {
        ObjectGuard guard(it.lock_);
        it.waiters_.remove(waiter);
      }
      ending.disarm();
      return outcome;
    }
  };

  ObjectLock lock_;
  WaitList waiters_;
};

}  // namespace weft::coro
