// Priority inheritance: who waits for a mutex lends its priority to the owner, so that a thread of
// middling priority can't keep an urgent one waiting by keeping the owner from the CPU. It goes on
// along the chain: if the owner waits for another mutex, that one's owner inherits as well.
//
// One lock guards all of it, for all mutexes: their queues, who waits for what, and what a thread
// inherits. A chain crosses many mutexes, and one lock makes a walk along it simple and right. Only
// a lock that must wait, and an unlock with somebody waiting, take it; the fast paths don't.
//
// What is no mutex of the kernel's, but has an owner all the same (a futex that knows its owner), lends by
// a Loan. A chain may lead over both kinds.
#pragma once

#include "core/sched/thread.hh"
#include "core/sync/spin_lock.hh"

namespace weft {

extern SpinLock inheritance_lock;

// Works out anew what the thread inherits, and passes it on along the chain as long as it changes
// anything. So a circle of waiting threads ends the walk, too.
void inherit_from_waiters(Thread& thread) REQUIRES(inheritance_lock);
// The thread's own priority has changed: its place in the queue it waits in, and what it lends.
void spread_priority(Thread& thread) REQUIRES(inheritance_lock);

// The lender, who is about to wait, lends to the borrower. Errno::deadlk if that one waits, over others
// perhaps, for the lender: then nothing is lent.
Result<> lend(Loan& loan, Thread& borrower) REQUIRES(inheritance_lock);
// Another one has what the lender waits for. To be followed by inherit_from_waiters() for both.
void pass_on(Loan& loan, Thread& borrower) REQUIRES(inheritance_lock);
// The lender waits no more, or for nobody. Does nothing to a loan that has ended.
void end_loan(Loan& loan) REQUIRES(inheritance_lock);

}  // namespace weft
