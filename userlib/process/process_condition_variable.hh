// process_condition_variable: as condition_variable, in memory that several processes share, with a
// process_mutex. A process that dies while it waits leaves nothing behind.
#pragma once

#include <chrono>

#include "userlib/base/clock.hh"
#include "userlib/process/process_mutex.hh"
#include "userlib/sys/futex.hh"
#include "userlib/thread/condition_variable.hh"

namespace weft {

class process_condition_variable : public detail::TimedWaits<process_condition_variable> {
 public:
  constexpr process_condition_variable() = default;
  process_condition_variable(const process_condition_variable&) = delete;
  process_condition_variable& operator=(const process_condition_variable&) = delete;

  // `lock` holds a process_mutex. When it holds it again, the mutex's owner_died() tells whether
  // another holder died meanwhile.
  template <typename Lock>
    requires std::same_as<decltype(std::declval<Lock&>().mutex()), process_mutex*>
  bool wait_until_instant(Lock& lock, Instant deadline) {
    const uint32_t seen = count_.load(relaxed);
    lock.unlock();
    const bool notified = futex::shared::wait_until(count_, seen, deadline);
    lock.lock();
    return notified;
  }

  // The notifier has changed the condition under the mutex. How many wait is not counted, since nobody
  // would take back the count of one who died: so each notification is a system call.
  void notify_one() {
    count_.fetch_add(1, relaxed);
    futex::shared::wake_one(count_);
  }
  void notify_all() {
    count_.fetch_add(1, relaxed);
    futex::shared::wake_all(count_);
  }

 private:
  Atomic<uint32_t> count_{0};
};

}  // namespace weft
