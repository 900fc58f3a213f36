#include "userlib/thread/shared_mutex.hh"

#include "core/base/assert.hh"

namespace weft {

bool shared_mutex::may_enter(Kind kind) const {
  return !is_written_ && (kind == Kind::reader || readers_ == 0);
}

void shared_mutex::count(Kind kind) {
  if (kind == Kind::reader) {
    ++readers_;
  } else {
    is_written_ = true;
  }
}

void shared_mutex::append(Waiter& waiter) {
  waiter.previous = last_;
  (last_ != nullptr ? last_->next : first_) = &waiter;
  last_ = &waiter;
}

void shared_mutex::remove(Waiter& waiter) {
  (waiter.previous != nullptr ? waiter.previous->next : first_) = waiter.next;
  (waiter.next != nullptr ? waiter.next->previous : last_) = waiter.previous;
  waiter.is_queued = false;
}

shared_mutex::Waiter* shared_mutex::let_in() {
  Waiter* woken = nullptr;
  while (first_ != nullptr && may_enter(first_->kind)) {
    Waiter& head = *first_;
    remove(head);
    count(head.kind);
    head.next = woken;
    woken = &head;
  }
  return woken;
}

// Without the guard: nobody is woken under a lock. A waiter may be gone as soon as its word is set.
void shared_mutex::wake(Waiter* list) {
  while (list != nullptr) {
    Waiter& each = *list;
    list = each.next;
    each.granted.store(1, release);
    futex::wake_one(each.granted);
  }
}

bool shared_mutex::enter(Kind kind, Instant deadline) {
  Waiter own{kind};
  {
    const LockGuard guard(guard_);
    if (first_ == nullptr && may_enter(kind)) {
      count(kind);
      return true;
    }
    if (deadline == 0) return false;
    append(own);
  }
  while (own.granted.load(acquire) == 0) {
    if (!futex::wait_until(own.granted, 0, deadline)) return give_up(own);
  }
  return true;
}

// The time is over. The lock may have come in the last moment: then it is ours all the same. If not,
// those behind us may have waited for us alone.
bool shared_mutex::give_up(Waiter& waiter) {
  Waiter* woken = nullptr;
  bool was_granted = false;
  {
    const LockGuard guard(guard_);
    was_granted = !waiter.is_queued;
    if (!was_granted) {
      remove(waiter);
      woken = let_in();
    }
  }
  wake(woken);
  // Whoever let us in still has to write our word.
  while (was_granted && waiter.granted.load(acquire) == 0) futex::wait(waiter.granted, 0);
  return was_granted;
}

void shared_mutex::leave(Kind kind) {
  Waiter* woken = nullptr;
  {
    const LockGuard guard(guard_);
    if (kind == Kind::writer) {
      ASSERT(is_written_, "only a held lock is let go");
      is_written_ = false;
    } else {
      ASSERT(readers_ > 0, "only a held lock is let go");
      --readers_;
    }
    woken = let_in();
  }
  wake(woken);
}

}  // namespace weft
