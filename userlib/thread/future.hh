// future, shared_future, promise, packaged_task: a value that one thread will have, and another waits for. Names and
// behaviour are the standard's. In the hosted library an exception travels the same way; a freestanding
// program lets its functions return a Result.
#pragma once

#include <chrono>
#include <utility>

#include "userlib/base/clock.hh"
#include "userlib/base/function.hh"
#include "userlib/thread/future_state.hh"

namespace weft {

enum class future_status { ready, timeout, deferred };

template <typename T>
class shared_future;
namespace detail {
struct FutureMaker;
}

namespace detail {

// What future and shared_future have in common.
template <typename T>
class FutureBase {
 public:
  bool valid() const noexcept { return state_.is_there(); }
  void wait() const { state_.get().wait(); }
  // future_status::deferred: nobody has begun with it, and no such wait does.
  template <typename Rep, typename Period>
  future_status wait_for(const std::chrono::duration<Rep, Period>& duration) const {
    if (state_.get().is_deferred()) return future_status::deferred;
    return status(state_.get().wait_until(instant_after(duration)));
  }
  template <typename Clock, typename Duration>
  future_status wait_until(const std::chrono::time_point<Clock, Duration>& time) const {
    if (state_.get().is_deferred()) return future_status::deferred;
    return status(wait_until_time(
        time, [this](Instant deadline) { return state_.get().wait_until(deadline); }));
  }

 protected:
  FutureBase() = default;
  explicit FutureBase(FutureHandle<T> state) : state_(std::move(state)) {}

  FutureHandle<T> state_;

 private:
  static future_status status(bool ready) {
    return ready ? future_status::ready : future_status::timeout;
  }
};

}  // namespace detail

template <typename T>
class future : public detail::FutureBase<T> {
 public:
  future() = default;
  future(future&&) noexcept = default;
  future& operator=(future&&) noexcept = default;

  // The value, once. Throws what the function threw, or std::future_error.
  T get() {
    const auto taken = std::move(this->state_);
    taken.get().wait();
    return taken.get().take();
  }
  // The same for many: this one is empty then.
  shared_future<T> share() noexcept { return shared_future<T>(std::move(*this)); }

 private:
  friend class shared_future<T>;
  friend struct detail::FutureMaker;
  explicit future(detail::FutureHandle<T> state) : detail::FutureBase<T>(std::move(state)) {}
};

// A value that many wait for: each has a copy of this, and sees the same value as often as it likes.
template <typename T>
class shared_future : public detail::FutureBase<T> {
 public:
  shared_future() = default;
  shared_future(future<T>&& only) noexcept : detail::FutureBase<T>(std::move(only.state_)) {}

  // const T&, for a reference T, or nothing.
  decltype(auto) get() const {
    this->state_.get().wait();
    return this->state_.get().look();
  }
};

namespace detail {

// For those who make a state: promise and async().
struct FutureMaker {
  template <typename T>
  static future<T> make(FutureHandle<T> state) {
    return future<T>(std::move(state));
  }
};

}  // namespace detail

template <typename T>
class promise {
 public:
  promise() : state_(new detail::FutureState<T>) {}
  promise(promise&&) noexcept = default;
  promise& operator=(promise&& other) noexcept {
    abandon();
    state_ = std::move(other.state_);
    is_retrieved_ = other.is_retrieved_;
    return *this;
  }
  ~promise() { abandon(); }

  future<T> get_future() {
    (void)state_.get();
    if (std::exchange(is_retrieved_, true))
      detail::throw_future_error(future_errc::future_already_retrieved);
    return detail::FutureMaker::make(state_);
  }

  template <typename... Value>
  void set_value(Value&&... value) {
    unsatisfied().set_value(std::forward<Value>(value)...);
  }
#if WEFT_HOSTED
  void set_exception(std::exception_ptr error) { unsatisfied().set_exception(std::move(error)); }
#endif

  // Keeps the promise with what the function answers.
  template <typename Function, typename... Arguments>
  void set_from(Function& function, Arguments&&... arguments) {
    unsatisfied().set_from(function, std::forward<Arguments>(arguments)...);
  }

 private:
  detail::FutureState<T>& unsatisfied() {
    if (state_.get().is_ready()) detail::throw_future_error(future_errc::promise_already_satisfied);
    return state_.get();
  }
  // Whoever waits learns that nothing comes.
  void abandon() {
    if (state_.is_there() && !state_.get().is_ready()) state_.get().publish();
  }

  detail::FutureHandle<T> state_;
  bool is_retrieved_ = false;
};

// A function whose answer goes into a future.
template <typename Signature>
class packaged_task;

template <typename R, typename... Arguments>
class packaged_task<R(Arguments...)> {
 public:
  packaged_task() = default;
  template <typename Function>
    requires(!std::same_as<std::remove_cvref_t<Function>, packaged_task>)
  explicit packaged_task(Function&& function) : function_(std::forward<Function>(function)) {}

  bool valid() const noexcept { return static_cast<bool>(function_); }
  future<R> get_future() { return promise_.get_future(); }
  void operator()(Arguments... arguments) {
    if (!valid()) detail::throw_future_error(future_errc::no_state);
    promise_.set_from(function_, std::forward<Arguments>(arguments)...);
  }
  // The same function for another run, with a future of its own.
  void reset() { promise_ = promise<R>(); }

 private:
  unique_function<R(Arguments...)> function_;
  promise<R> promise_;
};

}  // namespace weft
