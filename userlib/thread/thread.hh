// thread: a kernel thread of this process. Names and behaviour are the standard's, but that a thread
// which cannot be made is an errno for those who ask (thread::start) and the program's end for others.
//
// One mapping holds all that a thread has of its own, from low to high:
//   [ guard page | stack, growing downwards | thread-local variables, %fs | ThreadRecord ]
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include "core/base/assert.hh"
#include "core/base/result.hh"
#include "userlib/thread/thread_record.hh"

namespace weft {

class thread {
 public:
  static constexpr size_t k_stack_size = 256 * 1024;

  thread() = default;
  template <typename Function, typename... Arguments>
  explicit thread(Function function, Arguments... arguments) {
    auto started = start(k_stack_size, std::move(function), std::move(arguments)...);
    ASSERT(started.has_value(), "there is memory for one more thread");
    swap(*started);
  }
  // The same, with a stack of that size; an errno if there is no thread to be had.
  template <typename Function, typename... Arguments>
  static Result<thread> start(size_t stack_size, Function function, Arguments... arguments) {
    using Call = detail::ThreadCall<Function, Arguments...>;
    auto* call = new Call{std::move(function), {std::move(arguments)...}};
    auto record = detail::start_thread(stack_size, &Call::run, call);
    if (!record) {
      delete call;
      return fail(record.error());
    }
    return thread(*record);
  }

  thread(thread&& other) noexcept { swap(other); }
  thread& operator=(thread other) noexcept {
    ASSERT(!joinable(), "a thread is joined or detached before its handle goes");
    swap(other);
    return *this;
  }
  ~thread() { ASSERT(!joinable(), "a thread is joined or detached before its handle goes"); }

  bool joinable() const { return record_ != nullptr; }
  // Waits for its end.
  void join() { detail::join_thread(std::exchange(record_, nullptr)); }
  // Nobody will wait for it: what it has goes with it.
  void detach() { detail::detach_thread(std::exchange(record_, nullptr)); }
  // The kernel's number for it.
  int32_t get_id() const { return record_ == nullptr ? 0 : record_->first_tid; }
  void swap(thread& other) noexcept { std::swap(record_, other.record_); }

  static unsigned hardware_concurrency();

 private:
  explicit thread(detail::ThreadRecord* record) : record_(record) {}

  detail::ThreadRecord* record_ = nullptr;
};

namespace this_thread {
int32_t get_id();
void yield();
void sleep_for(uint64_t nanoseconds);
}  // namespace this_thread

}  // namespace weft
