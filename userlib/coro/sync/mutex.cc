#include "userlib/coro/sync/mutex.hh"

#include "userlib/sys/spin.hh"

namespace weft::coro {

// Among workers, whoever holds the mutex is likely to run, and to be done before we could go to sleep.
bool mutex::spin() {
  constexpr int k_rounds = 40;
  if (exclusive() || !sys::has_other_cpus()) return false;
  for (int round = 0; round < k_rounds; ++round) {
    sys::relax();
    if (try_lock()) return true;
  }
  return false;
}

Wake mutex::lock_slowly(Instant deadline, Park how) {
  if (spin()) return Wake::woken;
  Waiter waiter;
  lock_.lock();
  bool is_ours = take_or_announce();
  while (!is_ours) {
    const bool was_passed_over = waiter.coroutine != nullptr;
    waiter.tag = was_passed_over ? k_wants_it_handed_over : k_tries_again;
    waiter.prepare(Reason::mutex, how);
    if (was_passed_over) {
      waiters_.push_front(waiter);
    } else {
      waiters_.push_back(waiter);
    }
    lock_.unlock();
    const Wake outcome = park(this, deadline);
    if (outcome == Wake::woken && was_passed_over) return outcome;
    lock_.lock();
    if (outcome != Wake::woken) {
      waiters_.remove(waiter);
      note_empty_queue();
      lock_.unlock();
      return outcome;
    }
    is_ours = take_again_or_announce();
  }
  lock_.unlock();
  return Wake::woken;
}

// The state changes under our hands: who finds the mutex free takes it without lock_.
bool mutex::take_or_announce() {
  uint32_t seen = state_.load(relaxed);
  for (;;) {
    const bool is_free = (seen & k_held) == 0;
    if (!state_.compare_exchange(seen, seen | (is_free ? k_held : k_queued), acquire)) continue;
    if (is_free) owner_.store(&running(), relaxed);
    return is_free;
  }
}

bool mutex::take_again_or_announce() {
  state_.fetch_and(~k_coming, relaxed);
  return take_or_announce();
}

void mutex::note_empty_queue() {
  if (waiters_.empty()) state_.fetch_and(~k_queued, relaxed);
}

// The mutex is ours, so nobody changes the state but under lock_, which we take.
void mutex::unlock_slowly() {
  Coroutine* chosen = nullptr;
  lock_.lock();
  uint32_t state = state_.load(relaxed) & ~k_held;
  const bool hands_over = !waiters_.empty() && waiters_.front()->tag == k_wants_it_handed_over;
  if (hands_over || (state & k_coming) == 0) {
    Waiter* waiter = waiters_.claim_waiter();
    if (waiter != nullptr) {
      chosen = waiter->coroutine;
      state |= waiter->tag == k_wants_it_handed_over ? k_held : k_coming;
      if ((state & k_held) != 0) owner_.store(chosen, relaxed);
    }
  }
  if (waiters_.empty()) state &= ~k_queued;
  state_.store(state, release);
  lock_.unlock();
  if (chosen != nullptr) unpark(*chosen);
}

}  // namespace weft::coro
