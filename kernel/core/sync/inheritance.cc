#include "core/sync/inheritance.hh"

#include "core/sched/scheduler.hh"
#include "core/sync/mutex.hh"

namespace weft {

constinit SpinLock inheritance_lock{Rank::inheritance};

namespace {

// The most urgent of all that wait for a mutex of this thread. The queues are sorted.
int most_urgent_waiter(const Thread& thread) REQUIRES(inheritance_lock) {
  // lab:scheduler begin 4
  int most = sched::k_lowest_priority;
  for (const Mutex* mutex = thread.first_wanted; mutex != nullptr; mutex = mutex->next_wanted()) {
    if (mutex->urgency() > most) most = mutex->urgency();
  }
  return most;
  // lab:scheduler stub: static_cast<void>(thread);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 4");
  // lab:scheduler end
}

// Moves the thread to its place in the queue it waits in. Returns who inherits from it there.
Thread* lend_priority(Thread& thread) REQUIRES(inheritance_lock) {
  if (thread.waits_for == nullptr) return nullptr;
  thread.waits_for->reorder(*thread.waits_with);
  return thread.waits_for->pinned_owner();
}

}  // namespace

void inherit_from_waiters(Thread& first) {
  // lab:scheduler begin 4
  for (Thread* thread = &first; thread != nullptr; thread = lend_priority(*thread)) {
    const int inherited = most_urgent_waiter(*thread);
    if (inherited == thread->inherited) return;
    sched::set_inherited(*thread, inherited);
  }
  // lab:scheduler stub: static_cast<void>(first);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 4");
  // lab:scheduler end
}

void spread_priority(Thread& thread) {
  if (Thread* owner = lend_priority(thread)) inherit_from_waiters(*owner);
}

}  // namespace weft
