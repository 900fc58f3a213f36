#include "core/sync/rw_lock.hh"

#include "core/sync/lock_check.hh"

namespace weft {

// A place in the line, and what it is for.
struct RwLock::Claim : Waiter {
  Claim(const RwLock& lock, bool writes) : Waiter(BlockReason::locked, &lock), writes(writes) {}
  const bool writes;
};

void RwLock::lock() {
  check_sleeping_order(this, rank_);
  {
    SpinGuard guard(state_);
    ASSERT(writer_ != hal::current(), "a lock is not taken twice by one thread");
    // lab:semaphore begin 3
    if (writer_ == nullptr && readers_ == 0) {
      writer_ = hal::current();
    } else {
      Claim claim(*this, true);
      wait_in_line(claim);
    }
    // lab:semaphore stub: panic("not implemented: lab semaphore, part 3");
    // lab:semaphore end
  }
  note_sleeping_locked(this, rank_);
}

bool RwLock::try_lock() {
  {
    SpinGuard guard(state_);
    if (writer_ != nullptr || readers_ != 0) return false;
    writer_ = hal::current();
  }
  note_sleeping_locked(this, rank_);
  return true;
}

void RwLock::unlock() {
  note_sleeping_unlocked(this);
  SpinGuard guard(state_);
  ASSERT(writer_ == hal::current(), "a lock is unlocked by the thread that wrote under it");
  writer_ = nullptr;
  admit_next();
}

void RwLock::lock_shared() {
  check_sleeping_order(this, rank_);
  {
    SpinGuard guard(state_);
    ASSERT(writer_ != hal::current(), "a lock is not taken twice by one thread");
    // lab:semaphore begin 3
    if (writer_ == nullptr && line_.empty()) {
      ++readers_;
    } else {
      Claim claim(*this, false);
      wait_in_line(claim);
    }
    // lab:semaphore stub: panic("not implemented: lab semaphore, part 3");
    // lab:semaphore end
  }
  note_sleeping_locked(this, rank_);
}

bool RwLock::try_lock_shared() {
  {
    SpinGuard guard(state_);
    // lab:semaphore begin 3
    if (writer_ != nullptr || !line_.empty()) return false;
    ++readers_;
    // lab:semaphore stub: panic("not implemented: lab semaphore, part 3");
    // lab:semaphore end
  }
  note_sleeping_locked(this, rank_);
  return true;
}

void RwLock::unlock_shared() {
  note_sleeping_unlocked(this);
  SpinGuard guard(state_);
  ASSERT(readers_ > 0, "a reader that leaves has come");
  // lab:semaphore begin 3
  --readers_;
  if (readers_ == 0) admit_next();
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 3");
  // lab:semaphore end
}

void RwLock::wait_in_line(Claim& claim) {
  line_.prepare(claim);
  const Outcome outcome = line_.block(claim);  // woken: admit_next() has let us in
  ASSERT(outcome == Outcome::woken, "a wait without limits ends with a wake-up");
}

// Nobody is inside: lets in the first writer of the line, or all readers before it.
void RwLock::admit_next() {
  // lab:semaphore begin 3
  while (Waiter* first = line_.front()) {
    const bool writes = static_cast<Claim*>(first)->writes;
    if (writes && readers_ > 0) return;
    if (writes) writer_ = &first->thread();
    if (!writes) ++readers_;
    line_.wake(*first);
    if (writes) return;
  }
  // lab:semaphore stub: panic("not implemented: lab semaphore, part 3");
  // lab:semaphore end
}

}  // namespace weft
