// What the two ends of a future share: future.hh and async.hh stand on it.
#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "userlib/base/clock.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/platform.hh"
#if WEFT_HOSTED
#include <exception>
#endif

namespace weft {

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
  virtual ~FutureStateBase() = default;

  void hold() { owners_.fetch_add(1, relaxed); }
  bool let_go() { return owners_.fetch_sub(1, acq_rel) == 1; }

  // Work that is put off until somebody wants its value: the first to wait for it without an end does it.
  void defer() { ready_.store(k_deferred, relaxed); }
  bool is_deferred() const { return ready_.load(relaxed) == k_deferred; }

  void wait() {
    uint32_t deferred = k_deferred;
    if (is_deferred() && ready_.compare_exchange(deferred, k_empty, acq_rel)) work();
    (void)wait_until(k_never);
  }
  // Not for one that is deferred.
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
  static constexpr uint32_t k_deferred = 3;

  virtual void work() {}  // what was deferred

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

  // The value, or what there is in its place is thrown: for one, who takes it away, or for all.
  T take() {
    refuse_if_none();
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**value);
    } else if constexpr (!std::is_void_v<T>) {
      return std::move(*value);
    }
  }
  decltype(auto) look() const {
    refuse_if_none();
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**value);
    } else if constexpr (!std::is_void_v<T>) {
      return static_cast<const T&>(*value);
    }
  }

  template <typename... Value>
  void set_value(Value&&... kept) {
    if constexpr (std::is_reference_v<T>) {
      value.emplace(&kept...);
    } else {
      value.emplace(std::forward<Value>(kept)...);
    }
    publish();
  }
#if WEFT_HOSTED
  void set_exception(std::exception_ptr thrown) {
    error = std::move(thrown);
    publish();
  }
#endif
  // What the function answers, or throws.
  template <typename Function, typename... Arguments>
  void set_from(Function& function, Arguments&&... arguments) {
#if WEFT_HOSTED
    try {
      set_from_call(function, std::forward<Arguments>(arguments)...);
    } catch (...) {
      set_exception(std::current_exception());
    }
#else
    set_from_call(function, std::forward<Arguments>(arguments)...);
#endif
  }

  void release() {
    if (let_go()) delete this;
  }

 private:
  void refuse_if_none() const {
#if WEFT_HOSTED
    if (error) std::rethrow_exception(error);
#endif
    if (!value) throw_future_error(future_errc::broken_promise);
  }
  template <typename Function, typename... Arguments>
  void set_from_call(Function& function, Arguments&&... arguments) {
    if constexpr (std::is_void_v<T>) {
      std::invoke(function, std::forward<Arguments>(arguments)...);
      set_value();
    } else {
      set_value(std::invoke(function, std::forward<Arguments>(arguments)...));
    }
  }
};

// A counted pointer to it.
template <typename T>
class FutureHandle {
 public:
  FutureHandle() = default;
  explicit FutureHandle(FutureState<T>* state) : state_(state) {}
  FutureHandle(const FutureHandle& other) noexcept : state_(other.state_) {
    if (state_ != nullptr) state_->hold();
  }
  FutureHandle(FutureHandle&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  FutureHandle& operator=(FutureHandle other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~FutureHandle() {
    if (state_ != nullptr) state_->release();
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
}  // namespace weft
