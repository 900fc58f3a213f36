#include "userlib/coro/sync/mutex.hh"

#include "userlib/sys/spin.hh"

namespace weft::coro {

// Who has been announced as coming, and tries while it is awake. Among workers, whoever holds the mutex is
// likely to run, and to be done before we could go to sleep. But if it is let go and taken again all the time,
// then by one worker that has its cache line, and goes several times as fast as two that fight for that: so it is
// left alone for a while, with rare looks.
bool mutex::comes() {
  constexpr uint32_t k_rounds = 40;
  constexpr uint32_t k_first_pauses = 2;
  constexpr uint32_t k_most_pauses = 256;
  if (exclusive() || !sys::has_other_cpus()) return false;
  const uint32_t first = passages_.load(relaxed);
  uint32_t seen = first;
  for (uint32_t pauses = k_first_pauses; seen - first < k_passages_at_once;) {
    sys::linger(pauses);
    const uint32_t present = passages_.load(relaxed);
    if (present - seen < pauses) break;
    seen = present;
    if (pauses < k_most_pauses) pauses *= 2;
  }
  for (uint32_t round = 0; round < k_rounds; ++round) {
    uint32_t state = state_.load(relaxed);
    if ((state & k_held) == 0 &&
        state_.compare_exchange(state, (state | k_held) & ~k_coming, acquire)) {
      note_passage();
      return true;
    }
    sys::relax();
  }
  return false;
}

// The first who finds the mutex taken comes; the others queue behind it at once, so that no more than two
// workers are after the mutex.
bool mutex::may_come() {
  if (exclusive() || !sys::has_other_cpus()) return false;
  const ObjectGuard guard(lock_);
  if ((state_.load(relaxed) & (k_queued | k_coming)) != 0) return false;
  state_.fetch_or(k_coming, relaxed);
  return true;
}

Wake mutex::lock_slowly(Instant deadline, Park how) {
  Waiter waiter;
  bool is_coming = may_come();
  for (int failures = 0;; ++failures) {
    if (is_coming && comes()) return Wake::woken;
    lock_.lock();
    if (is_coming) state_.fetch_and(~k_coming, relaxed);
    const bool is_due = failures == k_patience;
    if (take_or_announce(is_due ? k_queued | k_due : k_queued)) {
      lock_.unlock();
      return Wake::woken;
    }
    waiter.tag = is_due ? k_wants_it_handed_over : k_tries_again;
    waiter.prepare(Reason::mutex, how);
    if (is_coming) {
      waiters_.push_front(waiter);
    } else {
      waiters_.push_back(waiter);
    }
    lock_.unlock();
    const Wake outcome = park(this, deadline);
    if (outcome == Wake::woken && is_due) return outcome;
    if (outcome != Wake::woken) {
      const ObjectGuard guard(lock_);
      waiters_.remove(waiter);
      note_queue();
      return outcome;
    }
    is_coming = true;  // its waker has said so
  }
}

// The state changes under our hands: who finds the mutex free takes it without lock_.
bool mutex::take_or_announce(uint32_t queue_bits) {
  uint32_t seen = state_.load(relaxed);
  for (;;) {
    // While somebody comes, only who need not come here at all passes: who has the cache line at hand.
    const bool is_free = (seen & (k_held | k_coming)) == 0;
    if (!state_.compare_exchange(seen, seen | (is_free ? k_held : queue_bits), acquire)) continue;
    if (is_free) note_passage();
    return is_free;
  }
}

uint32_t mutex::queue_bits() const {
  if (waiters_.empty()) return 0;
  return waiters_.front()->tag == k_wants_it_handed_over ? k_queued | k_due : k_queued;
}

// The mutex is ours, so others change the state only under lock_, which we take.
void mutex::unlock_slowly() {
  Coroutine* chosen = nullptr;
  lock_.lock();
  uint32_t state = state_.load(relaxed) & k_coming;
  if ((queue_bits() & k_due) != 0 || (state & k_coming) == 0) {
    Waiter* waiter = waiters_.claim_waiter();
    if (waiter != nullptr) {
      chosen = waiter->coroutine;
      state |= waiter->tag == k_wants_it_handed_over ? k_held : k_coming;
      if ((state & k_held) != 0) owner_.store(chosen, relaxed);
    }
  }
  state_.store(state | queue_bits(), release);
  lock_.unlock();
  if (chosen != nullptr) unpark(*chosen);
}

}  // namespace weft::coro
