#include "core/sync/lock_check.hh"

#include "core/base/format.hh"
#include "core/sched/cpu.hh"
#include "core/sync/irq_guard.hh"

namespace weft {
namespace {

void write_place(const HeldLock& lock) {
  hal::write_log(
      Text<80>("  lock {}, rank {}, taken at\n", lock.lock, static_cast<unsigned>(lock.rank))
          .view());
  for (const uintptr_t address : lock.taken_at) {
    if (address == 0) break;
    hal::write_log("    ");
    hal::write_address(address);
    hal::write_log("\n");
  }
}

void write_all(const HeldLocks& locks) {
  for (unsigned i = 0; i < locks.count && i < HeldLocks::k_most; ++i) write_place(locks.held[i]);
}

}  // namespace

void write_held_locks() {
  const HeldLocks& spin = sched::this_cpu().spin_locks;
  const HeldLocks& sleeping = hal::current()->held_locks;
  hal::write_log(spin.count + sleeping.count == 0 ? "locks:   none noted\n" : "locks:\n");
  write_all(sleeping);
  write_all(spin);
}

#if WEFT_DEBUG

namespace {

// The held lock that may not be held when one of this rank is taken; nullptr if all is well.
const HeldLock* find_conflict(const HeldLocks& locks, const void* lock, Rank rank) {
  for (unsigned i = 0; i < locks.count; ++i) {
    const HeldLock& held = locks.held[i];
    const bool is_first_of_two = held.rank == rank && may_be_held_twice(rank) && held.lock < lock;
    const bool is_on_the_way = held.rank == rank && may_nest(rank) && held.lock != lock;
    if (held.rank >= rank && !is_first_of_two && !is_on_the_way) return &held;
  }
  return nullptr;
}

void check(const HeldLocks& locks, const void* lock, Rank rank) {
  const HeldLock* conflict = find_conflict(locks, lock, rank);
  if (conflict == nullptr) return;
  hal::irq_save();
  hal::write_log(Text<120>("locks out of order: lock {}, rank {}, is wanted while this is held:\n",
                           lock, static_cast<unsigned>(rank))
                     .view());
  write_place(*conflict);
  panic(conflict->lock == lock ? "broken promise: a lock is not taken twice by one holder"
                               : "broken promise: locks are taken in the order of their ranks");
}

void note(HeldLocks& locks, const void* lock, Rank rank) {
  ASSERT(locks.count < HeldLocks::k_most, "nobody holds so many locks at once");
  HeldLock& held = locks.held[locks.count++];
  held = HeldLock{lock, rank, {}};
  hal::backtrace(held.taken_at);
}

void forget(HeldLocks& locks, const void* lock) {
  for (unsigned i = locks.count; i > 0; --i) {
    if (locks.held[i - 1].lock != lock) continue;
    for (; i < locks.count; ++i) locks.held[i - 1] = locks.held[i];
    --locks.count;
    return;
  }
  panic("broken promise: only a lock that is held is unlocked");
}

}  // namespace

void check_spin_order(const void* lock, Rank rank) {
  check(sched::this_cpu().spin_locks, lock, rank);
}
void note_spin_locked(const void* lock, Rank rank) {
  note(sched::this_cpu().spin_locks, lock, rank);
}
void note_spin_unlocked(const void* lock) { forget(sched::this_cpu().spin_locks, lock); }

void check_sleeping_order(const void* lock, Rank rank) {
  check_may_block();
  check(hal::current()->held_locks, lock, rank);
}
void note_sleeping_locked(const void* lock, Rank rank) {
  note(hal::current()->held_locks, lock, rank);
}
void note_sleeping_unlocked(const void* lock) { forget(hal::current()->held_locks, lock); }

void check_may_block() {
  const bool were_on = hal::irq_save();
  check_may_block_irqs_off();
  ASSERT(were_on, "nobody blocks with interrupts off");
  hal::irq_restore(were_on);
}

void check_may_block_irqs_off() {
  const HeldLocks& spin = sched::this_cpu().spin_locks;
  if (spin.count > 0) write_all(spin);
  ASSERT(spin.count == 0, "nobody blocks under a spin lock");
  ASSERT(hal::current()->preempt_depth == 0, "nobody blocks while preemption is off");
}

#endif

}  // namespace weft
