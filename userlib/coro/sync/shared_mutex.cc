#include "userlib/coro/sync/shared_mutex.hh"

namespace weft::coro {

bool shared_mutex::take(Kind kind, Coroutine& who) {
  if (written_ || (kind == Kind::exclusive && readers_ > 0)) return false;
  if (kind == Kind::exclusive) {
    written_ = true;
    writer_.store(&who, relaxed);
  } else {
    ++readers_;
  }
  return true;
}

// Everyone at the front of the queue who can have it now. What is taken for somebody whose wait is
// just over goes to the next one.
void shared_mutex::hand_over(WakeList& woken) {
  while (Waiter* first = waiters_.front()) {
    const Kind kind = word_of<Kind>(*first);
    if (!take(kind, *first->coroutine)) return;
    waiters_.remove(*first);
    if (claim(*first->coroutine, Park::woken)) {
      woken.add(*first);
    } else if (kind == Kind::exclusive) {
      end_writing();
    } else {
      --readers_;
    }
  }
}

void shared_mutex::lock() { detail::wait_always(as_writer()); }
Wake shared_mutex::lock_until(Instant deadline) {
  return detail::wait_until(as_writer(), deadline);
}
void shared_mutex::lock_shared() { detail::wait_always(as_reader()); }
Wake shared_mutex::lock_shared_until(Instant deadline) {
  return detail::wait_until(as_reader(), deadline);
}

bool shared_mutex::try_lock() {
  ObjectGuard guard(lock_);
  return waiters_.empty() && take(Kind::exclusive, running());
}
bool shared_mutex::try_lock_shared() {
  ObjectGuard guard(lock_);
  return waiters_.empty() && take(Kind::shared, running());
}

void shared_mutex::unlock() {
  WakeList woken;
  {
    ObjectGuard guard(lock_);
    ASSERT(written_, "a shared mutex is unlocked by its writer");
    end_writing();
    hand_over(woken);
  }
  woken.wake();
}

void shared_mutex::unlock_shared() {
  WakeList woken;
  {
    ObjectGuard guard(lock_);
    ASSERT(readers_ > 0, "a shared mutex is unlocked by its readers");
    if (--readers_ == 0) hand_over(woken);
  }
  woken.wake();
}

}  // namespace weft::coro
