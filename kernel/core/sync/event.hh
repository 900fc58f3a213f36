// Event: a flag that threads wait for. Set, it lets everybody pass until it is cleared.
#pragma once

#include "core/sched/wait_queue.hh"

namespace weft {

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  // Any context.
  void set();
  void clear();
  bool is_set() const;

  // Blocks until it is set. Errno::timedout or Errno::intr as the limit says. `ender` is to be told.
  Result<> wait(WaitLimit limit, Ender ender = {});
  void wait();

 private:
  mutable SpinLock lock_{Rank::wait_queue};
  WaitQueue waiters_ GUARDED_BY(lock_){lock_};
  bool is_set_ GUARDED_BY(lock_) = false;
};

}  // namespace weft
