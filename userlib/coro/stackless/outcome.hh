// Outcome<T>: what a coroutine came to: nothing yet, a value, or (in the hosted build) an exception on
// its way to whoever waits. Written once, by the coroutine's promise; taken once.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "core/base/assert.hh"
#include "userlib/base/registers.hh"

#if __cpp_exceptions
#include <exception>
#endif

namespace weft::detail {

// What is kept for a T: a reference as a pointer.
template <typename T>
struct Kept {
  using type = T;
};
template <typename T>
struct Kept<T&> {
  using type = T*;
};

template <typename T>
class Outcome {
 public:
  using Value = Kept<T>::type;

  Outcome() {}
  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;
  ~Outcome() {
    if (state_ == State::value) std::destroy_at(&value_);
#if __cpp_exceptions
    if (state_ == State::error) [[unlikely]]
      drop(error_);
#endif
  }

  template <typename... Arguments>
  void set_value(Arguments&&... arguments) {
    ASSERT(state_ == State::nothing, "a coroutine has one outcome");
    std::construct_at(&value_, std::forward<Arguments>(arguments)...);
    state_ = State::value;
  }

  // For unhandled_exception().
  void set_current_exception() noexcept {
#if __cpp_exceptions
    std::construct_at(&error_, std::current_exception());
    state_ = State::error;
#else
    panic("an exception where there are none");
#endif
  }

  // Takes over another one's exception.
  template <typename Other>
  void take_error_of([[maybe_unused]] Other& other) {
#if __cpp_exceptions
    ASSERT(!is_set() && other.is_error(), "an exception goes to where there is nothing yet");
    std::construct_at(&error_, other.release_error());
    state_ = State::error;
#endif
  }
#if __cpp_exceptions
  std::exception_ptr release_error() { return std::move(error_); }
#endif

  bool is_set() const { return state_ != State::nothing; }
  bool is_error() const { return state_ == State::error; }

  Value& value() {
    ASSERT(state_ == State::value, "a value is looked at when it is there");
    return value_;
  }
  // The value, or the exception thrown on.
  T take() {
    if (state_ != State::value) [[unlikely]]
      throw_again();
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(*value_);
    } else {
      return std::move(value_);
    }
  }

 private:
  enum class State : unsigned char { nothing, value, error };

#if __cpp_exceptions
  // Apart, so that the end of those that threw nothing saves no registers.
  WEFT_KEEPS_REGISTERS [[gnu::noinline]] static void drop(std::exception_ptr& error) {
    std::destroy_at(&error);
  }
#endif
  // Likewise for those that take what was not thrown.
  [[noreturn, gnu::noinline]] void throw_again() {
    ASSERT(state_ != State::nothing, "an outcome is taken when it is there");
#if __cpp_exceptions
    std::rethrow_exception(std::move(error_));
#else
    panic("an exception where there are none");
#endif
  }

  union {
    Value value_;
#if __cpp_exceptions
    std::exception_ptr error_;
#endif
  };
  State state_ = State::nothing;
};

// Nothing but an exception can be told of, so that is all that is kept.
template <>
class Outcome<void> {
 public:
  Outcome() = default;
  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;

  void set_value() {}
#if __cpp_exceptions
  void set_current_exception() noexcept { error_ = std::current_exception(); }
  template <typename Other>
  void take_error_of(Other& other) {
    error_ = other.release_error();
  }
  std::exception_ptr release_error() { return std::move(error_); }
  bool is_error() const { return error_ != nullptr; }
  void take() {
    if (is_error()) [[unlikely]]
      std::rethrow_exception(std::move(error_));
  }

 private:
  std::exception_ptr error_;
#else
  void set_current_exception() noexcept { panic("an exception where there are none"); }
  template <typename Other>
  void take_error_of(Other&) {}
  bool is_error() const { return false; }
  void take() {}
#endif
};

// Calls the function, and keeps what it comes to.
template <typename T, typename Function>
void capture(Outcome<T>& outcome, Function& function) {
  const auto call = [&] {
    if constexpr (std::is_void_v<T>) {
      function();
      outcome.set_value();
    } else if constexpr (std::is_reference_v<T>) {
      outcome.set_value(std::addressof(static_cast<T>(function())));
    } else {
      outcome.set_value(function());
    }
  };
#if __cpp_exceptions
  try {
    call();
  } catch (...) {
    outcome.set_current_exception();
  }
#else
  call();
#endif
}

// The part of a promise in which a coroutine's co_return and its uncaught exceptions end up. (A promise
// has either return_value or return_void, never both.)
template <typename T>
class OutcomePromise {
 public:
  template <typename From = T>
    requires std::is_convertible_v<From&&, T>
  void return_value(From&& value) {
    if constexpr (std::is_reference_v<T>) {
      outcome_.set_value(std::addressof(static_cast<T>(value)));
    } else {
      outcome_.set_value(std::forward<From>(value));
    }
  }
  void unhandled_exception() noexcept { outcome_.set_current_exception(); }
  Outcome<T>& outcome() { return outcome_; }

 private:
  Outcome<T> outcome_;
};

template <>
class OutcomePromise<void> {
 public:
  void return_void() { outcome_.set_value(); }
  void unhandled_exception() noexcept { outcome_.set_current_exception(); }
  Outcome<void>& outcome() { return outcome_; }

 private:
  [[no_unique_address]] Outcome<void> outcome_;
};

}  // namespace weft::detail
