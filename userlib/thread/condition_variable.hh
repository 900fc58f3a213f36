// condition_variable: waiting for something that another thread makes true under a mutex.
//
// A word counts the notifications. A waiter reads it under the mutex, lets the mutex go, and sleeps
// only if nobody has notified meanwhile: so no wake-up falls between the two.
#pragma once

#include "userlib/thread/futex.hh"
#include "userlib/thread/mutex.hh"

namespace weft {

class condition_variable {
 public:
  constexpr condition_variable() = default;
  condition_variable(const condition_variable&) = delete;
  condition_variable& operator=(const condition_variable&) = delete;

  // May come back for no reason; the form with a condition looks again.
  void wait(unique_lock<mutex>& lock) {
    const uint32_t seen = notifications_.load(relaxed);
    lock.unlock();
    futex::wait(notifications_, seen);
    lock.lock();
  }
  template <typename Condition>
  void wait(unique_lock<mutex>& lock, Condition condition) {
    while (!condition()) wait(lock);
  }

  // False when the time is over.
  bool wait_for(unique_lock<mutex>& lock, Nanoseconds duration) {
    const uint32_t seen = notifications_.load(relaxed);
    lock.unlock();
    const bool notified = futex::wait_for(notifications_, seen, duration);
    lock.lock();
    return notified;
  }

  void notify_one() {
    notifications_.fetch_add(
        1, relaxed);  // the mutex orders it, whoever changed the condition held it
    futex::wake_one(notifications_);
  }
  void notify_all() {
    notifications_.fetch_add(1, relaxed);
    futex::wake_all(notifications_);
  }

 private:
  Atomic<uint32_t> notifications_{0};
};

}  // namespace weft
