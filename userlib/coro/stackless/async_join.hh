// For tasks: `int sum = co_await std::move(handle);`, of a coroutine that go() has begun. The wait for its end is
// not cancelled. (That of another task is in spawn.hh.) How the stackful ones wait is in go.cc: wait_for_end().
#pragma once

#include <coroutine>

#include "userlib/coro/go.hh"
#include "userlib/coro/sync/wait.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {

// What is awaited for the end of a coroutine or of a task.
template <typename Ending>
class [[nodiscard]] AsyncJoin {
 public:
  template <typename... Deadline>
  explicit AsyncJoin(Coroutine& awaited, Deadline... deadline)
      : awaited_(awaited), ending_(deadline...) {}
  AsyncJoin(const AsyncJoin&) = delete;
  AsyncJoin& operator=(const AsyncJoin&) = delete;

  bool await_ready() const noexcept { return detail::has_ended(awaited_); }

  void await_suspend(std::coroutine_handle<> handle) {
    ASSERT(in_task(), "what awaits here runs on the scheduler: see spawn(task)");
    Coroutine& task = self();
    task_ = &task;
    falling_asleep_.lock();
    suspend_task(handle, Reason::join, &awaited_);  // first: once it waits, it may go on
    Waiter waiter;                                  // in no queue: the awaited one knows `task`
    waiter.prepare(task, Reason::join, Ending::k_how);
    ending_.arm(task);
    const bool is_over = !detail::announce_joiner(awaited_, task);
    const bool is_claimed = is_over ? claim(task, Park::woken) : detail::is_cancelled_already(task);
    falling_asleep_.unlock();
    if (is_claimed) unpark(task);
  }

  // Wake::woken: it has ended. Otherwise the deadline came first, or a cancellation.
  Wake await_resume() {
    if (task_ == nullptr) return Wake::woken;
    const Wake outcome = end_task_wait();
    {
      ObjectGuard guard(falling_asleep_);
    }  // we may have been woken before the timer was armed
    ending_.disarm();
    if (outcome != Wake::woken && detail::withdraw_joiner(awaited_, *task_)) return outcome;
    while (!detail::has_ended(awaited_)) sys::relax();  // it is about to say so
    return Wake::woken;
  }

 private:
  Coroutine& awaited_;
  Coroutine* task_ = nullptr;
  ObjectLock falling_asleep_;
  [[no_unique_address]] Ending ending_;
};

// The same, and its result.
template <typename Handle>
class [[nodiscard]] AsyncTake : public AsyncJoin<detail::Uninterruptible> {
 public:
  AsyncTake(Coroutine& awaited, Handle handle)
      : AsyncJoin<detail::Uninterruptible>(awaited), handle_(std::move(handle)) {}
  auto await_resume() {
    (void)AsyncJoin<detail::Uninterruptible>::await_resume();
    return handle_.take();
  }

 private:
  Handle handle_;
};

// `Wake how = co_await async_wait_until(handle, deadline)`: if it is woken, co_await std::move(handle) is at once.
template <typename T>
auto async_wait_until(handle<T>& joined, Instant deadline) {
  return AsyncJoin<detail::Timed>(joined.coroutine(), deadline);
}

template <typename T>
auto operator co_await(handle<T>&& joined) {
  Coroutine& awaited = joined.coroutine();
  return AsyncTake<handle<T>>(awaited, std::move(joined));
}

}  // namespace weft::coro
