// thread: a kernel thread of this process. Names and behaviour are the standard's; thread::start and
// thread_options give more: a stack's size, a name, priority and CPUs, daemons, and an errno where the
// standard has an exception.
//
// A thread is a foreground thread unless it is started as a daemon: when main() returns, the program
// goes on until the last of them has ended, also of the detached ones (in that, the standard differs:
// there, a detached thread is what a daemon is here).
#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "core/base/assert.hh"
#include "core/base/result.hh"
#include "userlib/base/clock.hh"
#include "userlib/thread/thread_record.hh"

namespace weft {

class thread {
 public:
  static constexpr size_t k_stack_size = thread_options{}.stack_size;
  using native_handle_type = int32_t;

  // Which thread: no two that live have the same one.
  class id {
   public:
    constexpr id() = default;
    constexpr explicit id(int32_t number) : number_(number) {}
    // The kernel's number for it; 0 for no thread.
    constexpr int32_t number() const { return number_; }
    friend constexpr auto operator<=>(id, id) = default;

   private:
    int32_t number_ = 0;
  };

  thread() = default;
  // Throws (see sys/exit.hh) if there is no thread to be had.
  template <typename Function, typename... Arguments>
    requires(!std::same_as<std::remove_cvref_t<Function>, thread> &&
             !std::same_as<std::remove_cvref_t<Function>, thread_options>)
  explicit thread(Function&& function, Arguments&&... arguments)
      : thread(thread_options{}, std::forward<Function>(function),
               std::forward<Arguments>(arguments)...) {}
  template <typename Function, typename... Arguments>
  thread(const thread_options& options, Function&& function, Arguments&&... arguments) {
    auto started =
        start(options, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
    if (!started) fail_to_start(started.error());
    swap(*started);
  }
  // The same, but an error is an answer: nomem or again, there is none to be had; perm or inval, the
  // priority or the CPUs cannot be.
  template <typename Function, typename... Arguments>
  static Result<thread> start(const thread_options& options, Function&& function,
                              Arguments&&... arguments) {
    using Call = detail::ThreadCall<std::decay_t<Function>, std::decay_t<Arguments>...>;
    auto* call =
        new Call{std::forward<Function>(function), {std::forward<Arguments>(arguments)...}};
    auto record = detail::start_thread(options, &Call::run, call);
    if (!record) {
      delete call;
      return fail(record.error());
    }
    return thread(*record);
  }

  thread(thread&& other) noexcept { swap(other); }
  thread& operator=(thread&& other) noexcept {
    ASSERT(!joinable(), "a thread is joined or detached before its handle goes");
    swap(other);
    return *this;
  }
  ~thread() { ASSERT(!joinable(), "a thread is joined or detached before its handle goes"); }

  bool joinable() const { return record_ != nullptr; }
  // Waits for its end. Throws Errno::inval without a thread, and Errno::deadlk for the own one.
  void join();
  // Nobody will wait for it: what it has goes with it.
  void detach();

  id get_id() const { return id(native_handle()); }
  // The kernel's number, for set_niceness and the like.
  native_handle_type native_handle() const {
    return record_ == nullptr ? 0 : detail::number_of(record_);
  }
  void swap(thread& other) noexcept { std::swap(record_, other.record_); }
  friend void swap(thread& a, thread& b) noexcept { a.swap(b); }

  // The CPUs that this process may use.
  static unsigned hardware_concurrency();

 private:
  explicit thread(detail::ThreadRecord* record) : record_(record) {}
  [[noreturn]] static void fail_to_start(Errno error);

  detail::ThreadRecord* record_ = nullptr;
};

namespace this_thread {

thread::id get_id();
void yield();
// As ps and gdb show it: at most 15 characters are kept.
void set_name(std::string_view name);

void sleep_until_instant(Instant deadline);

template <typename Rep, typename Period>
void sleep_for(const std::chrono::duration<Rep, Period>& duration) {
  sleep_until_instant(instant_after(duration));
}
template <typename Clock, typename Duration>
void sleep_until(const std::chrono::time_point<Clock, Duration>& time) {
  wait_until_time(time, [](Instant deadline) {
    sleep_until_instant(deadline);
    return false;
  });
}

}  // namespace this_thread
}  // namespace weft
