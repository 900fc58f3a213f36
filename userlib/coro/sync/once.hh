// once_flag, call_once: a function that runs once, however many call it. All of them come back when it
// has run; if it throws, its caller gets the exception and the next one tries.
#pragma once

#include <functional>
#include <utility>

#include "userlib/coro/stackless/task.hh"
#include "userlib/coro/sync/wait.hh"

namespace weft::coro {

class once_flag {
 public:
  constexpr once_flag() = default;
  once_flag(const once_flag&) = delete;
  once_flag& operator=(const once_flag&) = delete;

  // Who runs the function: for the report of a deadlock. It may be over before the answer is read.
  Coroutine* runner() const { return runner_.load(relaxed); }

 private:
  template <typename Function, typename... Arguments>
  friend void call_once(once_flag& flag, Function&& function, Arguments&&... arguments);
  template <typename Function, typename... Arguments>
  friend task<> async_call_once(once_flag& flag, Function function, Arguments... arguments);

  // Waits until the function has run, or until it is the caller's to run.
  struct Attempt {
    static constexpr Reason k_reason = Reason::once;
    once_flag& it;
    const void* object() const { return &it; }
    ObjectLock& lock() const { return it.lock_; }
    WaitList& waiters() const { return it.waiters_; }
    bool succeeds(Waiter&) {
      if (it.done_.load(relaxed)) return true;
      return !std::exchange(it.is_running_, true);
    }
  };

  // The caller's try. Unless it succeeds, the next one's begins with its end.
  class Try {
   public:
    explicit Try(once_flag& flag) : flag_(flag) { flag_.runner_.store(&running(), relaxed); }
    Try(const Try&) = delete;
    Try& operator=(const Try&) = delete;
    ~Try() {
      WakeList woken;
      flag_.runner_.store(nullptr, relaxed);
      {
        ObjectGuard guard(flag_.lock_);
        if (flag_.done_.load(relaxed)) {
          woken.add_all(flag_.waiters_);
        } else if (Waiter* next = flag_.waiters_.claim_waiter()) {
          woken.add(*next);  // is_running_ stays: it is this one's turn
        } else {
          flag_.is_running_ = false;
        }
      }
      woken.wake();
    }
    void succeed() { flag_.done_.store(true, release); }

   private:
    once_flag& flag_;
  };

  Atomic<bool> done_{false};
  bool is_running_ = false;  // belongs to lock_
  ObjectLock lock_;
  Atomic<Coroutine*> runner_{nullptr};
  WaitList waiters_;
};

template <typename Function, typename... Arguments>
void call_once(once_flag& flag, Function&& function, Arguments&&... arguments) {
  if (flag.done_.load(acquire)) return;
  detail::wait_always(once_flag::Attempt{flag});
  if (flag.done_.load(acquire)) return;
  once_flag::Try own(flag);
  std::invoke(std::forward<Function>(function), std::forward<Arguments>(arguments)...);
  own.succeed();
}

// For tasks: the function is one that makes a task.
template <typename Function, typename... Arguments>
task<> async_call_once(once_flag& flag, Function function, Arguments... arguments) {
  if (flag.done_.load(acquire)) co_return;
  (void)co_await UninterruptibleOperation<once_flag::Attempt>({flag});
  if (flag.done_.load(acquire)) co_return;
  once_flag::Try own(flag);
  co_await std::invoke(std::move(function), std::move(arguments)...);
  own.succeed();
}

}  // namespace weft::coro
