// RecursiveMutex: whoever holds it may come in again, and goes out as often. For code that calls back
// what may call it; where that can be told apart, a plain Mutex is the clearer choice, and the compiler can
// check it (it knows no lock that is held twice).
#pragma once

#include "core/sync/mutex.hh"

namespace weft {

class RecursiveMutex {
 public:
  constexpr explicit RecursiveMutex(Rank rank) : mutex_(rank) {}

  // May block, unless the caller holds it.
  void lock();
  bool try_lock();
  // Blocks until then at most; false if it was not to be had.
  [[nodiscard]] bool lock_until(Instant deadline);
  // By the owner only. The last of them opens it for others.
  void unlock();

  bool is_held() const { return mutex_.is_held(); }
  // How often the owner is in. To be asked by the owner.
  unsigned depth() const { return depth_; }

 private:
  Mutex mutex_;
  unsigned depth_ = 0;  // the owner's
};

}  // namespace weft
