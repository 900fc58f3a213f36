#include "core/sync/spin_lock.hh"

#include "core/hal.hh"
#include "core/sync/irq_guard.hh"
#include "core/sync/lock_check.hh"

namespace weft {

void SpinLock::take_ticket_and_wait() {
  check_spin_order(this, rank_);
  // lab:mutex begin 1
  const uint32_t ticket = next_ticket_.fetch_add(1, relaxed);
  // Pairs with the release in serve_next(): what the last holder wrote is seen here.
  while (now_served_.load(acquire) != ticket) hal::relax();
  // lab:mutex stub: panic("not implemented: lab mutex, part 1");
  // lab:mutex end
  note_spin_locked(this, rank_);
}

void SpinLock::serve_next() {
  note_spin_unlocked(this);
  // lab:mutex begin 1
  // Only the holder writes this word, so it needs no atomic add.
  now_served_.store(now_served_.load(relaxed) + 1, release);
  // lab:mutex stub: panic("not implemented: lab mutex, part 1");
  // lab:mutex end
}

void SpinLock::lock() {
  const bool were_on = hal::irq_save();
  take_ticket_and_wait();
  irqs_were_on_ = were_on;
}

void SpinLock::lock_irqs_off() {
  DEBUG_ASSERT(!hal::irq_enabled(), "the caller has interrupts off");
  take_ticket_and_wait();
}

bool SpinLock::try_lock() {
  const bool were_on = hal::irq_save();
  // lab:mutex begin 1
  // Only if the ticket being served is also the next to be given is nobody here. The acquire pairs
  // with the release in unlock().
  uint32_t ticket = now_served_.load(acquire);
  if (!next_ticket_.compare_exchange(ticket, ticket + 1, relaxed)) {
    restore_interrupts(were_on);
    return false;
  }
  // lab:mutex stub: panic("not implemented: lab mutex, part 1");
  // lab:mutex end
  irqs_were_on_ = were_on;
  note_spin_locked(this, rank_);
  return true;
}

void SpinLock::unlock() {
  const bool were_on = irqs_were_on_;
  serve_next();
  restore_interrupts(were_on);
}

void SpinLock::unlock_irqs_off() { serve_next(); }

void SpinLock::lock_irqs_on() {
  DEBUG_ASSERT(hal::irq_enabled(), "the caller has interrupts on");
  hal::irq_disable();
  take_ticket_and_wait();
}

void SpinLock::lock_again() {
  lock_irqs_on();
  irqs_were_on_ = true;
}

void SpinLock::unlock_irqs_on() {
  serve_next();
  restore_interrupts(true);
}

}  // namespace weft
