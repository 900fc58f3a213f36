// What the library knows of a thread it has started, and the calls behind weft::thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include "core/base/atomic.hh"
#include "core/base/result.hh"

namespace weft::detail {

struct ThreadRecord {
  // Who takes the mapping away: the joiner, or, once detached, the thread itself. Both sides say what
  // they have done by one exchange, and so learn what the other has.
  enum class State : uint32_t { running, detached, finished };

  Atomic<State> state{State::running};
  Atomic<uint32_t> tid{0};  // the kernel writes a zero when the thread is gone, and wakes joiners
  int32_t first_tid = 0;    // the same number, kept
  void* base = nullptr;     // the mapping
  size_t size = 0;
  void (*run)(void*) = nullptr;
  void* argument = nullptr;
};

// Starts a thread that calls run(argument).
Result<ThreadRecord*> start_thread(size_t stack_size, void (*run)(void*), void* argument);
void join_thread(ThreadRecord* record);
void detach_thread(ThreadRecord* record);

// A function and its arguments, on their way into a new thread.
template <typename Function, typename... Arguments>
struct ThreadCall {
  Function function;
  std::tuple<Arguments...> arguments;

  static void run(void* call) {
    auto* own = static_cast<ThreadCall*>(call);
    ThreadCall taken = std::move(*own);
    delete own;
    std::apply(taken.function, std::move(taken.arguments));
  }
};

}  // namespace weft::detail
