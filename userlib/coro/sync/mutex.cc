#include "userlib/coro/sync/mutex.hh"

#include "userlib/sys/spin.hh"

namespace weft::coro {

// The state is some worker's (ours, as a rule), or has just changed. What it needs a stack frame for is apart.
bool mutex::try_lock_otherwise() { return state_.change_plainly(take) || try_lock_slowly(); }

void mutex::unlock_otherwise() {
  const auto change = [](uint32_t state) { return may_just_let_go(state) ? let_go(state) : state; };
  if (!state_.change_plainly(change)) unlock_slowly();
}

bool mutex::try_lock_slowly() {
  for (;;) {
    take_state_back();
    uint32_t seen = state_.load(relaxed);
    if ((seen & k_held) != 0) return false;
    if (!BiasedWord::is_biased(seen) && state_.compare_exchange(seen, take(seen), acquire))
      return true;
  }
}

void mutex::take_state_back() {
  if (!BiasedWord::is_biased(state_.load(relaxed))) return;
  const ObjectGuard guard(lock_);
  state_.take_back();
}

// By its owner.
void mutex::give_state() {
  const ObjectGuard guard(lock_);
  state_.give_to_this_worker();
}

// Who has been announced as coming, and tries while it is awake. Among workers, whoever holds the mutex is
// likely to run, and to be done before we could go to sleep. But if it is let go and taken again all the time,
// then by one worker that has its cache line, and goes several times as fast as two that fight for that: so it is
// left alone for a while, with rare looks.
bool mutex::comes() {
  constexpr uint32_t k_rounds = 40;
  constexpr uint32_t k_first_pauses = 2;
  constexpr uint32_t k_most_pauses = 256;
  constexpr uint32_t k_pauses_of_a_passage = 4;  // at most, if it is busy
  if (exclusive() || !sys::has_other_cpus()) return false;
  const uint32_t first = passages_.load(relaxed);
  uint32_t seen = first;
  for (uint32_t pauses = k_first_pauses; seen - first < k_passages_at_once;) {
    sys::linger(pauses);
    const uint32_t present = passages_.load(relaxed);
    if ((present - seen) * k_pauses_of_a_passage < pauses) break;
    seen = present;
    if (pauses < k_most_pauses) pauses *= 2;
  }
  for (uint32_t round = 0; round < k_rounds; ++round) {
    uint32_t state = state_.load(relaxed);
    if (BiasedWord::is_biased(state)) {
      take_state_back();
    } else if ((state & k_held) == 0 &&
               state_.compare_exchange(state, take(state) & ~k_coming, acquire)) {
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
  state_.set_bits(k_coming);
  return true;
}

Wake mutex::lock_slowly(Instant deadline, Park how) {
  Queued waiter;
  bool is_coming = may_come();
  for (int failures = 0;; ++failures) {
    if (is_coming && comes()) return Wake::woken;
    lock_.lock();
    if (is_coming) state_.clear_bits(k_coming);
    const bool is_due = failures == k_patience;
    if (take_or_announce(is_due ? k_queued | k_due : k_queued)) {
      lock_.unlock();
      return Wake::woken;
    }
    waiter.word = is_due ? k_wants_it_handed_over : k_tries_again;
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
  state_.take_back();
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
  return word_of<uint32_t>(*waiters_.front()) == k_wants_it_handed_over ? k_queued | k_due
                                                                        : k_queued;
}

// The mutex is ours, so others change the state only under lock_, which we take.
void mutex::unlock_slowly() {
  for (;;) {
    lock_.lock();
    state_.take_back();
    uint32_t seen = state_.load(relaxed);
    if (!may_just_let_go(seen)) break;
    // Nobody waits who needs us. So once it is free it may be gone: that has to be the last step.
    lock_.unlock();
    if (state_.compare_exchange(seen, let_go(seen), release)) return;
  }
  uint32_t next = state_.load(relaxed) & k_coming;
  Coroutine* chosen = nullptr;
  if (Waiter* waiter = waiters_.claim_waiter()) {
    chosen = waiter->coroutine;
    next |= word_of<uint32_t>(*waiter) == k_wants_it_handed_over ? k_held : k_coming;
    if ((next & k_held) != 0) owner_.store(chosen, relaxed);
  }
  state_.store(next | queue_bits(), release);
  lock_.unlock();
  if (chosen != nullptr) unpark(*chosen);
}

}  // namespace weft::coro
