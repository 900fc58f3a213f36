// The lock of what coroutines share. park.hh tells how it is used.
#pragma once

#include "core/base/annotations.hh"
#include "userlib/coro/current.hh"
#include "userlib/sys/uninterrupted.hh"

namespace weft::coro {

// An object's lock, held for a few instructions and never across a park(): a spin lock among workers,
// nothing at all on a lone worker. Spinning is bounded: after a while the thread gives up its turn.
// Who holds it is not interrupted.
class CAPABILITY("object lock") ObjectLock {
 public:
  constexpr ObjectLock() = default;
  ObjectLock(const ObjectLock&) = delete;
  ObjectLock& operator=(const ObjectLock&) = delete;

  void lock() ACQUIRE() {
    if (exclusive()) return;
    sys::enter_uninterrupted();
    if (held_.exchange(1, acquire) != 0) [[unlikely]]
      lock_slowly();
  }
  void unlock() RELEASE() {
    if (exclusive()) return;
    held_.store(0, release);
    sys::leave_uninterrupted();
  }

 private:
  void lock_slowly();

  Atomic<uint8_t> held_{0};
};

class SCOPED_CAPABILITY ObjectGuard {
 public:
  explicit ObjectGuard(ObjectLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
  ~ObjectGuard() RELEASE() { lock_.unlock(); }
  ObjectGuard(const ObjectGuard&) = delete;
  ObjectGuard& operator=(const ObjectGuard&) = delete;

 private:
  ObjectLock& lock_;
};

}  // namespace weft::coro
