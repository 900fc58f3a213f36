// Timer: ends a coroutine's wait when its time has come. It lies on the stack (or in the task's frame)
// of who waits; the worker it was armed on keeps it in a heap of pointers between nodes, so that nothing
// is allocated. park() with a deadline uses it; so does what must time a C++20 task.
#pragma once

#include "core/base/types.hh"
#include "userlib/coro/coroutine.hh"

namespace weft::coro {

class TimerQueue;

class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // At that time, or soon after it, claims the wait of `who` as timed out and unparks it. `who` has
  // prepared its wait, and disarms the timer when it is over, however it ended.
  void arm(Coroutine& who, Instant deadline);
  // After this the timer touches nobody.
  void disarm();

  Instant deadline() const { return deadline_; }

 private:
  friend class TimerQueue;

  Instant deadline_ = 0;
  Coroutine* who_ = nullptr;
  TimerQueue* queue_ = nullptr;  // where it is armed
  // A pairing heap: the first child, and a list of siblings that begins at the parent.
  Timer* child_ = nullptr;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  bool listed_ = false;
};

}  // namespace weft::coro
