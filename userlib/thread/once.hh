// call_once: of all that come, one runs the function; the others wait until it is done.
#pragma once

#include <functional>
#include <utility>

#include "userlib/sys/futex.hh"

namespace weft {

class once_flag {
 public:
  constexpr once_flag() = default;
  once_flag(const once_flag&) = delete;
  once_flag& operator=(const once_flag&) = delete;

 private:
  template <typename Function, typename... Arguments>
  friend void call_once(once_flag& flag, Function&& function, Arguments&&... arguments);

  static constexpr uint32_t k_untouched = 0;
  static constexpr uint32_t k_running = 1;
  static constexpr uint32_t k_awaited = 2;  // running, and others are asleep
  static constexpr uint32_t k_done = 3;

  // True: the caller is the one. False: it has been done.
  bool begin() {
    for (;;) {
      uint32_t seen = k_untouched;
      if (state_.compare_exchange(seen, k_running, acquire)) return true;
      if (seen == k_done) return false;
      if (seen == k_awaited || state_.compare_exchange(seen, k_awaited, acquire))
        futex::wait(state_, k_awaited);
    }
  }

  // Its end. An exception that leaves the function makes it as if nobody had come: the next one tries.
  struct Attempt {
    once_flag& flag;
    uint32_t outcome = k_untouched;
    ~Attempt() {
      if (flag.state_.exchange(outcome, release) == k_awaited) futex::wake_all(flag.state_);
    }
  };

  Atomic<uint32_t> state_{k_untouched};
};

template <typename Function, typename... Arguments>
void call_once(once_flag& flag, Function&& function, Arguments&&... arguments) {
  if (flag.state_.load(acquire) == once_flag::k_done) [[likely]]
    return;
  if (!flag.begin()) return;
  once_flag::Attempt attempt{flag};
  std::invoke(std::forward<Function>(function), std::forward<Arguments>(arguments)...);
  attempt.outcome = once_flag::k_done;
}

}  // namespace weft
