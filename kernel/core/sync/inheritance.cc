#include "core/sync/inheritance.hh"

#include "core/sched/scheduler.hh"
#include "core/sync/mutex.hh"

namespace weft {

constinit SpinLock inheritance_lock{Rank::inheritance};

namespace {

// The most urgent of all that wait for a mutex of this thread. The queues are sorted.
int most_urgent_waiter(const Thread& thread) REQUIRES(inheritance_lock) {
  int most = sched::k_lowest_priority;
  for (const Mutex* mutex = thread.first_wanted; mutex != nullptr; mutex = mutex->next_wanted()) {
    if (mutex->urgency() > most) most = mutex->urgency();
  }
  return most;
}

// Moves the thread to its place in the queue it waits in. Returns who inherits from it there.
Thread* lend_priority(Thread& thread) REQUIRES(inheritance_lock) {
  if (thread.waits_for == nullptr) return nullptr;
  thread.waits_for->reorder(*thread.waits_with);
  return thread.waits_for->pinned_owner();
}

}  // namespace

void inherit_from_waiters(Thread& first) {
  for (Thread* thread = &first; thread != nullptr; thread = lend_priority(*thread)) {
    const int inherited = most_urgent_waiter(*thread);
    if (inherited == thread->inherited) return;
    sched::set_inherited(*thread, inherited);
  }
}

void spread_priority(Thread& thread) {
  if (Thread* owner = lend_priority(thread)) inherit_from_waiters(*owner);
}

}  // namespace weft
