#include "core/sync/inheritance.hh"

#include <algorithm>
#include <utility>

#include "core/sched/scheduler.hh"
#include "core/sync/mutex.hh"

namespace weft {

constinit SpinLock inheritance_lock{Rank::inheritance};

namespace {

// The most urgent of all that wait for something of this thread's. The mutexes' queues are sorted.
int most_urgent_waiter(const Thread& thread) REQUIRES(inheritance_lock) {
  // lab:scheduler begin 4
  int most = sched::k_lowest_priority;
  for (const Mutex* mutex = thread.first_wanted; mutex != nullptr; mutex = mutex->next_wanted()) {
    most = std::max(most, mutex->urgency());
  }
  for (const Loan& loan : thread.loans) most = std::max(most, loan.lender.effective_priority());
  return most;
  // lab:scheduler stub: static_cast<void>(thread);
  // lab:scheduler stub: panic("not implemented: lab scheduler, part 4");
  // lab:scheduler end
}

// Moves the thread to its place in the queue it waits in. Returns who inherits from it there.
Thread* lend_priority(Thread& thread) REQUIRES(inheritance_lock) {
  if (thread.loan != nullptr) return thread.loan->borrower;
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

// A thread lends once at most, and no circle was ever closed: so the walk has an end.
Result<> lend(Loan& loan, Thread& borrower) {
  for (const Thread* thread = &borrower; thread != nullptr;) {
    if (thread == &loan.lender) return fail(Errno::deadlk);
    thread = thread->loan != nullptr ? thread->loan->borrower : nullptr;
  }
  loan.lender.loan = &loan;
  pass_on(loan, borrower);
  inherit_from_waiters(borrower);
  return {};
}

void pass_on(Loan& loan, Thread& borrower) {
  if (loan.borrower != nullptr) decltype(borrower.loans)::remove(loan);
  loan.borrower = &borrower;
  borrower.loans.push_back(loan);
}

void end_loan(Loan& loan) {
  if (loan.borrower == nullptr) return;
  decltype(Thread::loans)::remove(loan);
  loan.lender.loan = nullptr;
  inherit_from_waiters(*std::exchange(loan.borrower, nullptr));
}

}  // namespace weft
