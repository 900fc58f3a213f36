// TaskPromise<T>: what a task's frame keeps beside its variables: who goes on at the task's end, and what it
// came to.
//
// Tricky: a task<void>'s is one word in the hosted build, too, where it may come to an exception.
#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>

#include "userlib/coro/stackless/outcome.hh"

namespace weft::detail {

template <typename T>
class TaskPromise : public OutcomePromise<T> {
 public:
  std::coroutine_handle<> continuation() const { return continuation_; }
  void set_continuation(std::coroutine_handle<> continuation) { continuation_ = continuation; }

 private:
  std::coroutine_handle<> continuation_;
};

#if __cpp_exceptions
// The address of who goes on. If the task has thrown, which is rare and slow anyway, that lies on the heap together
// with the exception, and here is where; the lowest bit tells the two apart, since no frame has an odd address.
class ContinuationOrError {
 public:
  ContinuationOrError() = default;
  ContinuationOrError(const ContinuationOrError&) = delete;
  ContinuationOrError& operator=(const ContinuationOrError&) = delete;
  ~ContinuationOrError() {
    if (is_error()) [[unlikely]]
      drop(thrown());
  }

  std::coroutine_handle<> continuation() const {
    return std::coroutine_handle<>::from_address(is_error() ? thrown()->continuation
                                                            : reinterpret_cast<void*>(word_));
  }
  // Before the task begins.
  void set_continuation(std::coroutine_handle<> continuation) {
    word_ = reinterpret_cast<uintptr_t>(continuation.address());
  }

  // The rest is as in Outcome<void>.
  void set_current_exception() noexcept {
    auto* record = new Thrown{continuation().address(), std::current_exception()};
    word_ = reinterpret_cast<uintptr_t>(record) | k_is_error;
  }
  bool is_error() const { return (word_ & k_is_error) != 0; }
  std::exception_ptr release_error() {
    ASSERT(is_error(), "an exception is taken when it is there");
    return std::move(thrown()->error);
  }
  void take() {
    if (is_error()) [[unlikely]]
      std::rethrow_exception(release_error());
  }

 private:
  struct Thrown {
    void* continuation;
    std::exception_ptr error;
  };
  static constexpr uintptr_t k_is_error = 1;

  Thrown* thrown() const { return reinterpret_cast<Thrown*>(word_ - k_is_error); }
  // Apart, so that the end of those that threw nothing saves fewer registers.
  [[gnu::noinline]] static void drop(Thrown* record) { delete record; }

  uintptr_t word_ = 0;
};

template <>
class TaskPromise<void> {
 public:
  std::coroutine_handle<> continuation() const { return end_.continuation(); }
  void set_continuation(std::coroutine_handle<> continuation) {
    end_.set_continuation(continuation);
  }
  void return_void() const {}
  void unhandled_exception() noexcept { end_.set_current_exception(); }
  ContinuationOrError& outcome() { return end_; }

 private:
  ContinuationOrError end_;
};
#endif

}  // namespace weft::detail
