// future, promise, packaged_task: a value that one thread will have, and another waits for. Names and
// behaviour are the standard's. In the hosted library an exception travels the same way; a freestanding
// program lets its functions return a Result.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "userlib/base/clock.hh"
#include "userlib/base/function.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/platform.hh"
#if WEFT_HOSTED
#include <exception>
#endif

namespace weft {

enum class future_status { ready, timeout, deferred };
enum class future_errc {
  broken_promise = 1,         // the promise went without keeping it
  future_already_retrieved,   // a promise gives one future
  promise_already_satisfied,  // and keeps it once
  no_state,                   // there is nothing behind this object
};

namespace detail {

// Hosted: throws std::future_error. Freestanding: says so and ends.
[[noreturn]] void throw_future_error(future_errc error);

// What future and promise share. Each of the two holds it; the last one takes it away.
class FutureStateBase {
 public:
  void hold() { owners_.fetch_add(1, relaxed); }
  bool let_go() { return owners_.fetch_sub(1, acq_rel) == 1; }

  bool wait_until(Instant deadline) {
    uint32_t seen = ready_.load(acquire);
    while (seen != k_ready) {
      if (seen == k_empty && !ready_.compare_exchange(seen, k_awaited, acquire)) continue;
      if (!futex::wait_until(ready_, k_awaited, deadline)) return ready_.load(acquire) == k_ready;
      seen = ready_.load(acquire);
    }
    return true;
  }
  void publish() {
    if (ready_.exchange(k_ready, acq_rel) == k_awaited) futex::wake_all(ready_);
  }
  bool is_ready() const { return ready_.load(acquire) == k_ready; }

 private:
  static constexpr uint32_t k_empty = 0;
  static constexpr uint32_t k_awaited = 1;  // empty, and somebody may be asleep
  static constexpr uint32_t k_ready = 2;

  Atomic<uint32_t> owners_{1};
  Atomic<uint32_t> ready_{k_empty};
};

template <typename T>
struct FutureState : FutureStateBase {
  // A reference is kept as a pointer, nothing as something without a meaning.
  using Kept = std::conditional_t<
      std::is_void_v<T>, std::monostate,
      std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

  std::optional<Kept> value;  // empty when ready: an error, or a broken promise
#if WEFT_HOSTED
  std::exception_ptr error;
#endif

  T take() {
#if WEFT_HOSTED
    if (error) std::rethrow_exception(error);
#endif
    if (!value) throw_future_error(future_errc::broken_promise);
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**value);
    } else if constexpr (!std::is_void_v<T>) {
      return std::move(*value);
    }
  }
  void release() {
    if (let_go()) delete this;
  }
};

// A counted pointer to it.
template <typename T>
class FutureHandle {
 public:
  FutureHandle() = default;
  explicit FutureHandle(FutureState<T>* state) : state_(state) {}
  FutureHandle(FutureHandle&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  FutureHandle& operator=(FutureHandle other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~FutureHandle() {
    if (state_ != nullptr) state_->release();
  }

  FutureHandle share() const {
    state_->hold();
    return FutureHandle(state_);
  }
  bool is_there() const { return state_ != nullptr; }
  FutureState<T>& get() const {
    if (state_ == nullptr) throw_future_error(future_errc::no_state);
    return *state_;
  }

 private:
  FutureState<T>* state_ = nullptr;
};

}  // namespace detail

template <typename T>
class future {
 public:
  future() = default;

  bool valid() const noexcept { return state_.is_there(); }
  // The value, once. Throws what the function threw, or std::future_error.
  T get() {
    const auto taken = std::move(state_);
    taken.get().wait_until(k_never);
    return taken.get().take();
  }
  void wait() const { state_.get().wait_until(k_never); }
  template <typename Rep, typename Period>
  future_status wait_for(const std::chrono::duration<Rep, Period>& duration) const {
    return status(state_.get().wait_until(instant_after(duration)));
  }
  template <typename Clock, typename Duration>
  future_status wait_until(const std::chrono::time_point<Clock, Duration>& time) const {
    return status(wait_until_time(
        time, [this](Instant deadline) { return state_.get().wait_until(deadline); }));
  }

 private:
  template <typename>
  friend class promise;
  explicit future(detail::FutureHandle<T> state) : state_(std::move(state)) {}
  static future_status status(bool ready) {
    return ready ? future_status::ready : future_status::timeout;
  }

  detail::FutureHandle<T> state_;
};

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
    return future<T>(state_.share());
  }

  template <typename... Value>
  void set_value(Value&&... value) {
    auto& state = unsatisfied();
    if constexpr (std::is_reference_v<T>) {
      state.value.emplace(&value...);
    } else {
      state.value.emplace(std::forward<Value>(value)...);
    }
    state.publish();
  }
#if WEFT_HOSTED
  void set_exception(std::exception_ptr error) {
    auto& state = unsatisfied();
    state.error = std::move(error);
    state.publish();
  }
#endif

  // Keeps the promise with what the function answers.
  template <typename Function, typename... Arguments>
  void set_from(Function& function, Arguments&&... arguments) {
#if WEFT_HOSTED
    try {
      call(function, std::forward<Arguments>(arguments)...);
    } catch (...) {
      set_exception(std::current_exception());
    }
#else
    call(function, std::forward<Arguments>(arguments)...);
#endif
  }

 private:
  detail::FutureState<T>& unsatisfied() {
    if (state_.get().is_ready()) detail::throw_future_error(future_errc::promise_already_satisfied);
    return state_.get();
  }
  template <typename Function, typename... Arguments>
  void call(Function& function, Arguments&&... arguments) {
    if constexpr (std::is_void_v<T>) {
      std::invoke(function, std::forward<Arguments>(arguments)...);
      set_value();
    } else {
      set_value(std::invoke(function, std::forward<Arguments>(arguments)...));
    }
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
