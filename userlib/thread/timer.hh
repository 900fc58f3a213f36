// timer: a function that is called later, once or again and again, unless it is cancelled.
//
//   timer once(std::chrono::seconds(1), [] { print("now\n"); });
//   timer often(timer::every, std::chrono::milliseconds(100), [] { ... });
//
// One daemon thread serves all timers of the process, in the order of their times; so a function should
// be short. A forked child has no such thread: timers made before do not fire there.
#pragma once

#include <chrono>
#include <utility>

#include "userlib/base/clock.hh"
#include "userlib/base/function.hh"

namespace weft {
namespace detail {
struct TimerEntry;
}  // namespace detail

class timer {
 public:
  struct every_t {};
  static constexpr every_t every{};

  timer() = default;
  template <typename Rep, typename Period>
  timer(const std::chrono::duration<Rep, Period>& duration, unique_function<void()> function)
      : timer(instant_after(duration), 0, std::move(function)) {}
  // The times are counted from the first one: a late call does not shift the next.
  template <typename Rep, typename Period>
  timer(every_t, const std::chrono::duration<Rep, Period>& period, unique_function<void()> function)
      : timer(instant_after(period), nanoseconds_of(period), std::move(function)) {}
  timer(timer&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
  timer& operator=(timer other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~timer() { (void)cancel(); }

  // From now on it is not called. True if a call that was to come does not come: false if the only
  // call has begun or was, or there is nothing to cancel. Waits for the end of a call that runs in
  // this moment, but not if it is called from that very function.
  bool cancel();

 private:
  timer(Instant first, Nanoseconds period, unique_function<void()> function);

  detail::TimerEntry* entry_ = nullptr;
};

}  // namespace weft
