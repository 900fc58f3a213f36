// async(): calls a function on a thread of its own, or by the thread that asks for its value. Names and
// behaviour are the standard's: the last future of a function on a thread of its own waits, when it goes,
// until the function is done.
#pragma once

#include <cstdint>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "userlib/thread/future.hh"
#include "userlib/thread/thread.hh"

namespace weft {

enum class launch : uint8_t { async = 1, deferred = 2 };
constexpr launch operator|(launch a, launch b) {
  return static_cast<launch>(static_cast<uint8_t>(a) | static_cast<uint8_t>(b));
}
constexpr launch operator&(launch a, launch b) {
  return static_cast<launch>(static_cast<uint8_t>(a) & static_cast<uint8_t>(b));
}

namespace detail {

// The state, and the work whose value goes into it. The thread doesn't own the state; the state's last owner
// waits for the thread.
template <typename T, typename Call>
class AsyncState final : public FutureState<T> {
 public:
  explicit AsyncState(Call&& call) : call_(std::move(call)) {}
  ~AsyncState() override {
    if (thread_.joinable()) thread_.join();
  }

  Result<> start() {
    thread_ = TRY(thread::start(thread_options{}, [this] { this->set_from(call_); }));
    return {};
  }
  void start_or_throw() {
    thread_ = thread([this] { this->set_from(call_); });
  }

 private:
  void work() override { this->set_from(call_); }

  Call call_;
  thread thread_;
};

}  // namespace detail

// With both policies: on a thread of its own if there is one to be had. Launch::async alone throws
// (see sys/exit.hh) where there is none.
template <typename Function, typename... Arguments>
  requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
[[nodiscard]] auto async(launch policy, Function&& function, Arguments&&... arguments) {
  using Value = std::invoke_result_t<std::decay_t<Function>, std::decay_t<Arguments>...>;
  auto call = [function = std::decay_t<Function>(std::forward<Function>(function)),
               arguments = std::tuple<std::decay_t<Arguments>...>(
                   std::forward<Arguments>(arguments)...)]() mutable -> Value {
    return std::apply(std::move(function), std::move(arguments));
  };
  auto* state = new detail::AsyncState<Value, decltype(call)>(std::move(call));
  const detail::FutureHandle<Value> handle(state);
  if (policy == launch::async) {
    state->start_or_throw();
  } else if ((policy & launch::async) != launch::async || !state->start()) {
    state->defer();
  }
  return detail::FutureMaker::make(handle);
}
template <typename Function, typename... Arguments>
  requires std::is_invocable_v<std::decay_t<Function>, std::decay_t<Arguments>...>
[[nodiscard]] auto async(Function&& function, Arguments&&... arguments) {
  return async(launch::async | launch::deferred, std::forward<Function>(function),
               std::forward<Arguments>(arguments)...);
}

}  // namespace weft
