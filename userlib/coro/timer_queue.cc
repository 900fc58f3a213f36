#include "userlib/coro/timer_queue.hh"

#include "userlib/coro/worker.hh"

namespace weft::coro {

void Timer::arm(Coroutine& who, Instant deadline) {
  who_ = &who;
  deadline_ = deadline;
  queue_ = &Worker::for_timers().timers();
  queue_->add(*this);
}

void Timer::disarm() {
  if (queue_ == nullptr) return;
  queue_->remove(*this);
  queue_ = nullptr;
}

// The later one becomes the first child of the earlier one.
Timer* TimerQueue::meld(Timer* one, Timer* other) {
  if (one == nullptr) return other;
  if (other == nullptr) return one;
  Timer* parent = one->deadline_ <= other->deadline_ ? one : other;
  Timer* child = parent == one ? other : one;
  child->next_ = parent->child_;
  if (child->next_ != nullptr) child->next_->previous_ = child;
  child->previous_ = parent;
  parent->child_ = child;
  parent->next_ = parent->previous_ = nullptr;
  return parent;
}

// Pairs from the left, then all pairs into one from the right. The pairs' list is linked by next_.
Timer* TimerQueue::meld_siblings(Timer* first) {
  Timer* pairs = nullptr;
  while (first != nullptr) {
    Timer* one = first;
    Timer* other = one->next_;
    first = other == nullptr ? nullptr : other->next_;
    one->next_ = one->previous_ = nullptr;
    if (other != nullptr) other->next_ = other->previous_ = nullptr;
    Timer* pair = meld(one, other);
    pair->next_ = pairs;
    pairs = pair;
  }
  Timer* all = nullptr;
  while (pairs != nullptr) {
    Timer* rest = pairs->next_;
    pairs->next_ = nullptr;
    all = meld(all, pairs);
    pairs = rest;
  }
  return all;
}

void TimerQueue::set_first(Timer* first) {
  root_ = first;
  first_deadline_.store(first == nullptr ? k_never : first->deadline_, relaxed);
}

void TimerQueue::take_out(Timer& timer) {
  Timer* children = meld_siblings(timer.child_);
  if (&timer == root_) {
    set_first(children);
  } else {
    Timer*& link =
        timer.previous_->child_ == &timer ? timer.previous_->child_ : timer.previous_->next_;
    link = timer.next_;
    if (timer.next_ != nullptr) timer.next_->previous_ = timer.previous_;
    set_first(meld(root_, children));
  }
  timer.child_ = timer.next_ = timer.previous_ = nullptr;
  timer.listed_ = false;
}

void TimerQueue::add(Timer& timer) {
  ObjectGuard guard(lock_);
  timer.listed_ = true;
  set_first(meld(root_, &timer));
}

void TimerQueue::remove(Timer& timer) {
  ObjectGuard guard(lock_);
  if (timer.listed_) take_out(timer);
}

size_t TimerQueue::expire(Instant now) {
  if (first_deadline() > now) return 0;
  Coroutine* claimed = nullptr;
  Coroutine** end = &claimed;
  size_t count = 0;
  {
    ObjectGuard guard(lock_);
    while (root_ != nullptr && root_->deadline_ <= now) {
      Timer& due = *root_;
      take_out(due);
      // The coroutine can't go away: before it does, it disarms the timer, under this lock.
      if (!claim(*due.who_, Park::timed_out)) continue;
      ++count;
      *end = due.who_;
      end = &due.who_->next;
      *end = nullptr;
    }
  }
  unpark_all(claimed);
  return count;
}

}  // namespace weft::coro
