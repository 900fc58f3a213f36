#include "userlib/coro/stackless/async_scope.hh"

namespace weft::coro {

void async_scope::enter(Member& member) {
  member.coroutine = &self();
  lock_.lock();
  members_.push_back(member);
  const bool is_late = cancelled_;
  lock_.unlock();
  if (is_late) detail::request_cancel(*member.coroutine);
}

// The scope may be gone when this is over.
void async_scope::leave(Member& member) {
  lock_.lock();
  members_.remove(member);
  lock_.unlock();
  running_.done();
}

bool async_scope::is_first_failure() {
  ObjectGuard guard(lock_);
  return !std::exchange(cancelled_, true);
}

void async_scope::fail_by(Wake how) {
  if (is_first_failure()) error_ = fail(how == Wake::timed_out ? Errno::timedout : Errno::intr);
  cancel();
}

// Whose wait we have ended stays in its wait until we unpark it, so its Member does, too.
void async_scope::cancel() {
  Member* woken = nullptr;
  lock_.lock();
  cancelled_ = true;
  for (Member& member : members_) {
    if (detail::claim_for_cancellation(*member.coroutine))
      member.next_woken = std::exchange(woken, &member);
  }
  lock_.unlock();
  while (woken != nullptr) {
    Coroutine& next = *woken->coroutine;
    woken = woken->next_woken;
    unpark(next);
  }
}

Result<> async_scope::outcome() {
  if (exception_.is_error()) exception_.take();
  return error_;
}

}  // namespace weft::coro
