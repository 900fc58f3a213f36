// async_call(): calls a function in a stackful coroutine of its own, while a task waits. It is how tasks
// wait for what only a stack can wait for: reading a descriptor, a blocking() call, somebody's library.
//
//   Result<size_t> count = co_await async_call([&] { return coro::read(fd, buffer, sizeof buffer); });
#pragma once

#include <type_traits>
#include <utility>

#include "userlib/coro/go.hh"
#include "userlib/coro/stackless/outcome.hh"
#include "userlib/coro/stackless/task.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {

// What the function answers or throws. A cancellation of the task is passed on to the function, whose
// waits it ends; the task goes on when the function has come back.
template <typename Function>
task<std::invoke_result_t<Function&>> async_call(Function function) {
  weft::detail::Outcome<std::invoke_result_t<Function&>> outcome;
  event is_back;
  auto caller = go([&] {
    weft::detail::capture(outcome, function);
    is_back.set();
  });
  if (co_await is_back.async_wait() != Wake::woken) {
    caller.cancel();
    (void)co_await is_back.async_wait_uninterruptibly();
  }
  co_return outcome.take();
}

}  // namespace weft::coro
