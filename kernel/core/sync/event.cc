#include "core/sync/event.hh"

namespace weft {

void Event::set() {
  SpinGuard guard(lock_);
  is_set_ = true;
  waiters_.wake_all();
}

void Event::clear() {
  SpinGuard guard(lock_);
  is_set_ = false;
}

bool Event::is_set() const {
  SpinGuard guard(lock_);
  return is_set_;
}

Result<> Event::wait(WaitLimit limit, Ender ender) {
  SpinGuard guard(lock_);
  if (is_set_) return {};
  Waiter self(BlockReason::waiting, this);
  self.set_ender(ender);
  waiters_.prepare(self);
  return to_result(waiters_.block(self, limit));
}

void Event::wait() {
  const Result<> result = wait({});
  ASSERT(result.has_value(), "a wait without limits ends with a wake-up");
}

}  // namespace weft
