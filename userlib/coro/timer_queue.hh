// TimerQueue: a worker's timers, the earliest first. A pairing heap (Fredman, Sedgewick, Sleator,
// Tarjan, "The Pairing Heap", 1986): adding is a comparison, taking one out anywhere is O(log n) on
// average, and the nodes lie where the waiting is.
#pragma once

#include "userlib/coro/park.hh"
#include "userlib/coro/timer.hh"

namespace weft::coro {

class TimerQueue {
 public:
  void add(Timer& timer);
  void remove(Timer& timer);

  // When the first is due, or k_never. Any thread may ask; the answer may be old.
  Instant first_deadline() const { return first_deadline_.load(relaxed); }

  // Claims all that are due, and unparks their coroutines. How many it was.
  size_t expire(Instant now);

 private:
  static Timer* meld(Timer* one, Timer* other);
  static Timer* meld_siblings(Timer* first);
  void take_out(Timer& timer) REQUIRES(lock_);
  void set_first(Timer* first) REQUIRES(lock_);

  ObjectLock lock_;
  Timer* root_ GUARDED_BY(lock_) = nullptr;
  Atomic<Instant> first_deadline_{k_never};
};

}  // namespace weft::coro
