// task<T>: a function that can wait without a stack of its own.
//
//   weft::task<int> answer() { co_return 42; }
//   weft::task<void> ask() { int n = co_await answer(); ... }
//
// A task is lazy: its body starts when it is awaited, and it is awaited once. Waiting for a task and
// coming back from it are jumps from frame to frame (symmetric transfer), so that neither a long chain
// of tasks nor a long loop over tasks makes the stack deeper. What a task throws, the waiter catches.
//
// A task that has begun runs to its end: whoever has no use for it any more cancels what it waits for,
// and waits. A task that was never awaited never runs.
#pragma once

#include <coroutine>
#include <type_traits>
#include <utility>

#include "userlib/base/registers.hh"
#include "userlib/coro/stackless/frame_memory.hh"
#include "userlib/coro/stackless/task_promise.hh"

namespace weft {

// Returned in a register, as its one word would be: a loop over tasks waits less for its memory.
template <typename T = void>
class [[nodiscard]] WEFT_IN_REGISTERS task {
 public:
  using value_type = T;
  class promise_type;

  task() = default;
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    task(std::move(other)).swap(*this);
    return *this;
  }
  ~task() {
    if (frame_ != nullptr) frame_.destroy();
  }
  void swap(task& other) noexcept { std::swap(frame_, other.frame_); }

  // False for an empty one, which cannot be awaited.
  bool valid() const { return frame_ != nullptr; }

  // The body's result, or what it threw.
  auto operator co_await() && noexcept { return Awaiter<true>{checked_frame()}; }

  // The same in two steps, for who awaits several: `co_await when_done()` runs the body to its end;
  // then result() hands out, once, what it came to.
  auto when_done() noexcept { return Awaiter<false>{checked_frame()}; }
  T result() { return outcome().take(); }
  auto& outcome() { return checked_frame().promise().outcome(); }

  // For who begins one that nobody awaits: lets go of the frame, whose end goes on with `continuation`; and has
  // it back, by its address.
  std::coroutine_handle<> release(std::coroutine_handle<> continuation) {
    checked_frame().promise().set_continuation(continuation);
    return std::exchange(frame_, nullptr);
  }
  static task take_back(void* frame) { return task(Frame::from_address(frame)); }

 private:
  using Frame = std::coroutine_handle<promise_type>;

  template <bool k_takes_result>
  struct Awaiter {
    Frame frame;
    bool await_ready() const noexcept { return false; }
    Frame await_suspend(std::coroutine_handle<> waiter) const noexcept {
      const Frame begun = frame;  // in a register: below, this awaiter might change
      begun.promise().set_continuation(waiter);
      return begun;
    }
    auto await_resume() const -> std::conditional_t<k_takes_result, T, void> {
      if constexpr (k_takes_result) return frame.promise().outcome().take();
    }
  };

  explicit task(Frame frame) : frame_(frame) {}
  Frame checked_frame() const {
    ASSERT(valid(), "a task that is awaited has a body");
    return frame_;
  }

  Frame frame_;
};

template <typename T>
class task<T>::promise_type : public detail::FrameMemory, public detail::TaskPromise<T> {
 public:
  task get_return_object() { return task(Frame::from_promise(*this)); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() const noexcept { return ToContinuation{}; }

 private:
  struct ToContinuation {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Frame frame) const noexcept {
      return frame.promise().continuation();
    }
    void await_resume() const noexcept {}
  };
};

}  // namespace weft
