// spawn(task): lets a task run on the scheduler, beside stackful coroutines and like them. task_handle<T>:
// waits for its end and takes its result.
//
//   auto sum = coro::spawn(add_up(numbers));   // from a coroutine or a task, under coro::run()
//   int total = sum.join();                    // from a coroutine or a thread
//   int total = co_await std::move(sum);       // from a task
//
// What makes a task a coroutine among others is its control block. The tasks it awaits run under the same
// block: they wait and are cancelled together.
#pragma once

#include <coroutine>
#include <utility>

#include "userlib/coro/go.hh"
#include "userlib/coro/stackless/task.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::coro {

template <typename T>
class task_handle;

namespace detail {

// A control block for a task, and back.
Coroutine& take_task_block();
void give_task_block(Coroutine& block);

// The coroutine around a spawned task. Its frame has two owners, the handle and the task itself, and goes
// with the second of them.
template <typename T>
class Root {
 public:
  class promise_type;
  using Frame = std::coroutine_handle<promise_type>;

  explicit Root(Frame frame) : frame(frame) {}
  Frame frame;
};

template <typename T>
class Root<T>::promise_type : public weft::detail::FrameMemory {
 public:
  // The work lies in the frame, as the function's argument.
  explicit promise_type(task<T>& work) : work(work), block(take_task_block()) {}
  ~promise_type() { give_task_block(block); }

  Root get_return_object() { return Root(Frame::from_promise(*this)); }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() const noexcept { return Farewell{}; }
  void return_void() const noexcept {}
  [[noreturn]] void unhandled_exception() const noexcept { panic("a task's end threw"); }

  // True for the last owner, who destroys the frame.
  bool disown() {
    if (!exclusive()) return owners_.fetch_sub(1, acq_rel) == 1;
    const uint32_t left = owners_.load(relaxed) - 1;
    owners_.store(left, relaxed);
    return left == 0;
  }

  task<T>& work;
  Coroutine& block;
  event done;

 private:
  struct Farewell {
    bool await_ready() const noexcept { return false; }
    void await_suspend(Frame frame) const noexcept {
      end_task();
      frame.promise().done.set();
      if (frame.promise().disown()) frame.destroy();
    }
    void await_resume() const noexcept {}
  };

  Atomic<uint32_t> owners_{2};
};

template <typename T>
Root<T> run_as_root(task<T> work) {
  co_await work.when_done();
}

template <typename T>
task_handle<T> spawn_from(uint32_t place, task<T> work);

}  // namespace detail

// Owns the end of a spawned task: it is joined or awaited once, or let go. Let go, the task runs on, and
// its result is dropped; an exception that nobody is left to catch ends the program.
template <typename T>
class [[nodiscard]] task_handle {
 public:
  task_handle() = default;
  task_handle(task_handle&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task_handle& operator=(task_handle&& other) noexcept {
    if (this != &other) {
      detach();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  ~task_handle() { detach(); }

  bool joinable() const { return frame_ != nullptr; }
  bool is_done() const { return frame_.promise().done.is_set(); }
  // Its present or next wait that allows it ends with Wake::cancelled.
  void cancel() { detail::request_cancel(frame_.promise().block); }
  void detach() {
    if (frame_ != nullptr) let_go();
  }

  // Waits for its end; its result, or what it threw. From coroutines and plain threads.
  T join() {
    frame_.promise().done.wait();
    return take();
  }
  // Wake::woken: join() comes back at once.
  Wake wait_until(Instant deadline) { return frame_.promise().done.wait_until(deadline); }
  template <typename Rep, typename Period>
  bool wait_for(const std::chrono::duration<Rep, Period>& duration) {
    return frame_.promise().done.wait_for(duration);
  }

  // For tasks; the wait for the end is not cancelled.
  auto operator co_await() && {
    struct Join : UninterruptibleOperation<event::Attempt> {
      explicit Join(task_handle handle)
          : UninterruptibleOperation<event::Attempt>(handle.frame_.promise().done.attempt()),
            handle(std::move(handle)) {}
      T await_resume() {
        (void)UninterruptibleOperation<event::Attempt>::await_resume();
        return handle.take();
      }
      task_handle handle;
    };
    return Join(std::move(*this));
  }
  auto async_wait_until(Instant deadline) {
    return frame_.promise().done.async_wait_until(deadline);
  }

 private:
  using Frame = detail::Root<T>::Frame;
  template <typename U>
  friend task_handle<U> detail::spawn_from(uint32_t place, task<U> work);

  explicit task_handle(Frame frame) : frame_(frame) {}

  T take() {
    struct LetGo {
      ~LetGo() { handle.let_go(); }
      task_handle& handle;
    } at_end{*this};
    return frame_.promise().work.result();
  }
  void let_go() {
    Frame frame = std::exchange(frame_, nullptr);
    if (frame.promise().disown()) frame.destroy();
  }

  Frame frame_;
};

namespace detail {

// The place in the program is the listing's.
template <typename T>
task_handle<T> spawn_from(uint32_t place, task<T> work) {
  auto root = run_as_root(std::move(work));
  Coroutine& block = root.frame.promise().block;
  block.place = place;
  start_task(block, root.frame);
  return task_handle<T>(root.frame);
}

}  // namespace detail

template <typename T>
[[gnu::always_inline]] inline task_handle<T> spawn(task<T> work) {
  return detail::spawn_from(detail::here(), std::move(work));
}

// The task that awaits this goes to the end of the queue.
inline auto async_yield() {
  struct Yield {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) const noexcept { yield_task(handle); }
    void await_resume() const noexcept {}
  };
  return Yield{};
}

// The task that awaits this goes on at that time, or when it is cancelled: co_await says which.
class [[nodiscard]] async_sleep_until {
 public:
  explicit async_sleep_until(Instant deadline) : ending_(deadline) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    ASSERT(in_task(), "what awaits here runs on the scheduler: see spawn(task)");
    falling_asleep_.lock();
    Coroutine& task = self();
    suspend_task(handle, Reason::sleep,
                 nullptr);  // first: once it waits, a cancellation may let it go on
    waiter_.prepare(task, Reason::sleep);
    ending_.arm(task);
    const bool is_cancelled = detail::is_cancelled_already(task);
    falling_asleep_.unlock();
    if (is_cancelled) unpark(task);
  }
  Wake await_resume() {
    const Wake outcome = end_task_wait();
    {
      ObjectGuard guard(falling_asleep_);
    }  // we may have been woken before the timer was armed
    ending_.disarm();
    return outcome;
  }

 private:
  ObjectLock falling_asleep_;
  Waiter waiter_;
  detail::Timed ending_;
};
template <typename Rep, typename Period>
async_sleep_until async_sleep_for(const std::chrono::duration<Rep, Period>& duration) {
  return async_sleep_until(deadline_after(duration));
}

}  // namespace weft::coro
