// jthread: a thread that is asked to stop, and joined, when its handle goes.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "userlib/thread/stop_token.hh"
#include "userlib/thread/thread.hh"

namespace weft {

class jthread {
 public:
  using id = thread::id;
  using native_handle_type = thread::native_handle_type;

  jthread() noexcept : source_(nostopstate) {}
  // A function that takes a stop_token in front of its arguments gets this thread's.
  template <typename Function, typename... Arguments>
    requires(!std::same_as<std::remove_cvref_t<Function>, jthread> &&
             !std::same_as<std::remove_cvref_t<Function>, thread_options>)
  explicit jthread(Function&& function, Arguments&&... arguments)
      : jthread(thread_options{}, std::forward<Function>(function),
                std::forward<Arguments>(arguments)...) {}
  template <typename Function, typename... Arguments>
  jthread(const thread_options& options, Function&& function, Arguments&&... arguments)
      : thread_(make(options, source_, std::forward<Function>(function),
                     std::forward<Arguments>(arguments)...)) {}
  jthread(jthread&&) noexcept = default;
  jthread& operator=(jthread&& other) noexcept {
    jthread(std::move(other)).swap(*this);
    return *this;
  }
  ~jthread() {
    if (!joinable()) return;
    request_stop();
    join();
  }

  bool joinable() const { return thread_.joinable(); }
  void join() { thread_.join(); }
  void detach() { thread_.detach(); }
  id get_id() const { return thread_.get_id(); }
  native_handle_type native_handle() const { return thread_.native_handle(); }

  stop_source get_stop_source() const noexcept { return source_; }
  stop_token get_stop_token() const noexcept { return source_.get_token(); }
  bool request_stop() noexcept { return source_.request_stop(); }

  void swap(jthread& other) noexcept {
    source_.swap(other.source_);
    thread_.swap(other.thread_);
  }
  friend void swap(jthread& a, jthread& b) noexcept { a.swap(b); }
  static unsigned hardware_concurrency() { return thread::hardware_concurrency(); }

 private:
  template <typename Function, typename... Arguments>
  static thread make(const thread_options& options, const stop_source& source, Function&& function,
                     Arguments&&... arguments) {
    if constexpr (std::invocable<std::decay_t<Function>, stop_token, std::decay_t<Arguments>...>) {
      return thread(options, std::forward<Function>(function), source.get_token(),
                    std::forward<Arguments>(arguments)...);
    } else {
      return thread(options, std::forward<Function>(function),
                    std::forward<Arguments>(arguments)...);
    }
  }

  stop_source source_;
  thread thread_;
};

}  // namespace weft
