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
#include "userlib/coro/stackless/async_join.hh"
#include "userlib/coro/stackless/task.hh"

namespace weft::coro {

template <typename T>
class task_handle;

namespace detail {

// A control block for a task.
Coroutine& take_task_block(uint32_t place);
// The task that runs here is over, and its frame suspended: tells who waits for it, or drops it.
void end_spawned_task(const Kind& kind);

// What a spawned task goes on with at its end, in the place of a task that awaits it: no frame of its own, only
// what each frame begins with, on every compiler, since that is what resume() calls.
struct TaskEnd {
  void (*resume)(void* self);
  void (*destroy)(void* self);
};

template <typename T>
struct Spawned {
  static task<T> take_back(Coroutine& block) { return task<T>::take_back(block.task_frame); }
  static void drop_result(Coroutine& block) { (void)take_back(block); }
  static void end(void*) { end_spawned_task(k_kind); }

  static constexpr Kind k_kind{nullptr, nullptr, &drop_result, "task"};
  static constexpr TaskEnd k_end{&end, nullptr};
};

template <typename T>
task_handle<T> spawn_from(uint32_t place, task<T> work);

}  // namespace detail

// Owns the end of a spawned task: it is joined or awaited once, or let go. Let go, the task runs on, and
// what it comes to is dropped.
template <typename T>
class [[nodiscard]] task_handle {
 public:
  task_handle() = default;
  task_handle(task_handle&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  task_handle& operator=(task_handle&& other) noexcept {
    Coroutine* const taken = std::exchange(other.block_, nullptr);
    task_handle old;  // lets go of what this one had
    old.block_ = std::exchange(block_, taken);
    return *this;
  }
  ~task_handle() { detach(); }

  bool joinable() const { return block_ != nullptr; }
  bool is_done() const { return detail::has_ended(*block_); }
  // Its present or next wait that allows it ends with Wake::cancelled.
  void cancel() { detail::request_cancel(*block_); }
  void detach() {
    if (block_ == nullptr) return;
    Coroutine& block = *std::exchange(block_, nullptr);
    if (!detail::let_go(block)) return;
    detail::Spawned<T>::drop_result(block);
    detail::release_block(block);
  }

  // Waits for its end; its result, or what it threw. From coroutines and plain threads.
  T join() {
    if (!is_done()) detail::wait_for_end(*block_);
    return take();
  }
  // Wake::woken: join() comes back at once.
  Wake wait_until(Instant deadline) { return detail::wait_for_end_until(*block_, deadline); }
  template <typename Rep, typename Period>
  bool wait_for(const std::chrono::duration<Rep, Period>& duration) {
    return wait_until(deadline_after(duration)) == Wake::woken;
  }

  // For tasks; the wait for the end is not cancelled.
  auto operator co_await() && {
    Coroutine& awaited = *block_;
    return AsyncTake<task_handle>(awaited, std::move(*this));
  }
  auto async_wait_until(Instant deadline) { return AsyncJoin<detail::Timed>(*block_, deadline); }

 private:
  template <typename U>
  friend task_handle<U> detail::spawn_from(uint32_t place, task<U> work);
  friend class AsyncTake<task_handle>;

  explicit task_handle(Coroutine& block) : block_(&block) {}

  T take() {
    Coroutine& block = *std::exchange(block_, nullptr);
    task<T> work = detail::Spawned<T>::take_back(block);
    detail::release_block(block);
    return work.result();
  }

  Coroutine* block_ = nullptr;
};

namespace detail {

// The place in the program is the listing's.
template <typename T>
task_handle<T> spawn_from(uint32_t place, task<T> work) {
  Coroutine& block = take_task_block(place);
  // (Nobody writes there.)
  void* const end = const_cast<TaskEnd*>(&Spawned<T>::k_end);
  const auto frame = work.release(std::coroutine_handle<>::from_address(end));
  block.task_frame = frame.address();
  start_task(block, frame);
  return task_handle<T>(block);
}

}  // namespace detail

template <typename T>
auto async_wait_until(task_handle<T>& joined, Instant deadline) {
  return joined.async_wait_until(deadline);
}

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
