// once_flag, call_once: a function that runs once, however many call it. All of them come back when it
// has run; if it throws, its caller gets the exception and the next one tries.
#pragma once

#include <functional>
#include <utility>

#include "userlib/coro/stackless/task.hh"
#include "userlib/coro/sync/mutex.hh"

namespace weft::coro {

class once_flag {
 public:
  constexpr once_flag() = default;
  once_flag(const once_flag&) = delete;
  once_flag& operator=(const once_flag&) = delete;

 private:
  template <typename Function, typename... Arguments>
  friend void call_once(once_flag& flag, Function&& function, Arguments&&... arguments);
  template <typename Function, typename... Arguments>
  friend task<> async_call_once(once_flag& flag, Function function, Arguments... arguments);

  Atomic<bool> done_{false};
  mutex running_;  // held by who runs the function
};

template <typename Function, typename... Arguments>
void call_once(once_flag& flag, Function&& function, Arguments&&... arguments) {
  if (flag.done_.load(acquire)) return;
  struct Guard {
    explicit Guard(mutex& held) : held(held) { held.lock(); }
    ~Guard() { held.unlock(); }
    mutex& held;
  } guard(flag.running_);
  if (flag.done_.load(relaxed)) return;
  std::invoke(std::forward<Function>(function), std::forward<Arguments>(arguments)...);
  flag.done_.store(true, release);
}

// For tasks: the function is one that makes a task.
template <typename Function, typename... Arguments>
task<> async_call_once(once_flag& flag, Function function, Arguments... arguments) {
  if (flag.done_.load(acquire)) co_return;
  (void)co_await flag.running_.async_lock_uninterruptibly();
  struct Guard {
    ~Guard() { held.unlock(); }
    mutex& held;
  } guard{flag.running_};
  if (flag.done_.load(relaxed)) co_return;
  co_await std::invoke(std::move(function), std::move(arguments)...);
  flag.done_.store(true, release);
}

}  // namespace weft::coro
