#include "core/sync/spin_lock.hh"

#include "core/hal.hh"
#include "core/sync/irq_guard.hh"
#include "core/sync/lock_check.hh"

namespace weft {

void SpinLock::lock() {
  const bool were_on = hal::irq_save();
  check_spin_order(this, rank_);
  const uint32_t ticket = next_ticket_.fetch_add(1, relaxed);
  // Pairs with the release in unlock(): what the last holder wrote is seen here.
  while (now_served_.load(acquire) != ticket) hal::relax();
  irqs_were_on_ = were_on;
  note_spin_locked(this, rank_);
}

bool SpinLock::try_lock() {
  const bool were_on = hal::irq_save();
  // Only if the ticket being served is also the next to be given is nobody here. The acquire pairs
  // with the release in unlock().
  uint32_t ticket = now_served_.load(acquire);
  if (!next_ticket_.compare_exchange(ticket, ticket + 1, relaxed)) {
    restore_interrupts(were_on);
    return false;
  }
  irqs_were_on_ = were_on;
  note_spin_locked(this, rank_);
  return true;
}

void SpinLock::unlock() {
  const bool were_on = irqs_were_on_;
  note_spin_unlocked(this);
  // Only the holder writes this word, so it needs no atomic add.
  now_served_.store(now_served_.load(relaxed) + 1, release);
  restore_interrupts(were_on);
}

}  // namespace weft
