#include "userlib/thread/stop_token.hh"

#include "userlib/sys/futex.hh"
#include "userlib/sys/thread_number.hh"

namespace weft::detail {

void StopState::unlink(StopEntry& entry) {
  if (entry.previous != nullptr) entry.previous->next = entry.next;
  if (entry.next != nullptr) entry.next->previous = entry.previous;
  if (first_ == &entry) first_ = entry.next;
  entry.is_listed = false;
}

bool StopState::stop() {
  lock_.lock();
  // In one order with a condition variable's waiters: see Notifications::enter.
  if (stopped_.exchange(true, seq_cst)) {
    lock_.unlock();
    return false;
  }
  stopping_thread_ = sys::thread_number();
  while (first_ != nullptr) {
    StopEntry& entry = *first_;
    bool gone = false;
    unlink(entry);
    entry.gone = &gone;
    lock_.unlock();
    entry.run(entry);
    if (!gone) {
      entry.finished.store(1, release);  // from here on the entry may be gone
      futex::wake_all(entry.finished);
    }
    lock_.lock();
  }
  lock_.unlock();
  return true;
}

void StopState::add(StopEntry& entry) {
  {
    const LockGuard guard(lock_);
    if (!is_stopped()) {
      entry.next = first_;
      if (first_ != nullptr) first_->previous = &entry;
      first_ = &entry;
      entry.is_listed = true;
      return;
    }
  }
  entry.run(entry);
  entry.finished.store(1, relaxed);
}

void StopState::remove(StopEntry& entry) {
  {
    const LockGuard guard(lock_);
    if (entry.is_listed) {
      unlink(entry);
      return;
    }
    // Its function runs right now in this thread, or has returned long since.
    if (entry.gone != nullptr && stopping_thread_ == sys::thread_number()) {
      if (entry.finished.load(relaxed) == 0) *entry.gone = true;
      return;
    }
  }
  while (entry.finished.load(acquire) == 0) futex::wait(entry.finished, 0);
}

}  // namespace weft::detail
