#include "userlib/coro/sync/mutex.hh"

#include "userlib/sys/spin.hh"

namespace weft::coro {

// Among workers, whoever holds the mutex is likely to run, and to be done before we could go to sleep. But
// where others queue already, workers that spin only keep the holder from its own cache line.
bool mutex::spin() {
  constexpr int k_rounds = 40;
  if (exclusive() || !sys::has_other_cpus()) return false;
  for (int round = 0; round < k_rounds && (state_.load(relaxed) & k_queued) == 0; ++round) {
    sys::relax();
    if (try_lock()) return true;
  }
  return false;
}

Wake mutex::lock_slowly(Instant deadline, Park how) {
  if (spin()) return Wake::woken;
  Waiter waiter;
  lock_.lock();
  bool is_ours = take_or_announce(k_queued);
  for (int failures = 0; !is_ours;) {
    const bool is_due = failures == k_patience;
    waiter.tag = is_due ? k_wants_it_handed_over : k_tries_again;
    waiter.prepare(Reason::mutex, how);
    if (failures > 0) {
      waiters_.push_front(waiter);
    } else {
      waiters_.push_back(waiter);
    }
    lock_.unlock();
    const Wake outcome = park(this, deadline);
    if (outcome == Wake::woken && is_due) return outcome;
    lock_.lock();
    if (outcome != Wake::woken) {
      waiters_.remove(waiter);
      note_queue();
      lock_.unlock();
      return outcome;
    }
    ++failures;
    state_.fetch_and(~k_coming, relaxed);
    is_ours = take_or_announce(failures == k_patience ? k_queued | k_due : k_queued);
  }
  lock_.unlock();
  return Wake::woken;
}

// The state changes under our hands: who finds the mutex free takes it without lock_.
bool mutex::take_or_announce(uint32_t queue_bits) {
  uint32_t seen = state_.load(relaxed);
  for (;;) {
    const bool is_free = (seen & k_held) == 0;
    if (!state_.compare_exchange(seen, seen | (is_free ? k_held : queue_bits), acquire)) continue;
    if (is_free) owner_.store(&running(), relaxed);
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
