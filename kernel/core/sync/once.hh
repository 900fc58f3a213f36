// Once: runs a function one single time, whoever comes first. The others wait until it has run.
#pragma once

#include "core/base/atomic.hh"
#include "core/sync/mutex.hh"

namespace weft {

class Once {
 public:
  constexpr explicit Once(Rank rank) : running_(rank) {}

  template <typename Function>
  void call(Function&& function) {
    // Pairs with the release below: who sees `done` sees all that the function wrote.
    if (done_.load(acquire)) return;
    MutexGuard guard(running_);
    if (done_.load(relaxed)) return;
    function();
    done_.store(true, release);
  }

 private:
  Mutex running_;
  Atomic<bool> done_{false};
};

}  // namespace weft
