// Priority inheritance, under strict priorities on one CPU, where a lack of it would be felt.
#include "core/sync/inheritance.hh"

#include <gtest/gtest.h>

#include "core/sync/lock_check.hh"
#include "core/sync/mutex.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

#pragma clang diagnostic ignored "-Wthread-safety-analysis"

namespace weft {
namespace {

using host::Machine;

constexpr int k_low = 10;
constexpr int k_middle = 20;
constexpr int k_high = 40;
constexpr int k_highest = 50;

// On one CPU with strict priorities. The test itself runs at the highest but for k_highest's sake at
// a priority above all that it starts.
template <typename Body>
void run_strictly(Body body) {
  host::for_seeds(20, [&](uint64_t seed) {
    Machine machine({.cpus = 1, .seed = seed, .policy = sched::PolicyKind::prio});
    machine.run([&] {
      sched::set_priority(*hal::current(), sched::k_highest_priority);
      body();
    });
  });
}

int effective_priority(Thread& thread) { return sched::view_thread(thread).priority; }

// A thread that takes the mutex and keeps it until it is told to go on.
class Holder {
 public:
  Holder(Mutex& mutex, int priority) {
    thread_ = host::start({.name = "holder", .priority = priority}, [this, &mutex] {
      MutexGuard guard(mutex);
      may_go_.acquire();
    });
    host::await_blocked(*thread_, BlockReason::waiting);
  }
  ~Holder() { thread_.join(); }
  void let_go() { may_go_.release(); }
  Thread& thread() { return *thread_; }

 private:
  Semaphore may_go_{0};
  ThreadHandle thread_;
};

// A thread that waits for the mutex.
ThreadHandle start_waiter(Mutex& mutex, int priority) {
  ThreadHandle thread =
      host::start({.name = "waiter", .priority = priority}, [&mutex] { MutexGuard guard(mutex); });
  host::await_blocked(*thread, BlockReason::locked);
  return thread;
}

TEST(Inheritance, TheOwnerTakesOnTheMostUrgentWaitersPriority) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    Holder owner(mutex, k_low);
    EXPECT_EQ(effective_priority(owner.thread()), k_low);
    ThreadHandle middle = start_waiter(mutex, k_middle);
    EXPECT_EQ(effective_priority(owner.thread()), k_middle);
    ThreadHandle high = start_waiter(mutex, k_high);
    EXPECT_EQ(effective_priority(owner.thread()), k_high);
    owner.let_go();
    high.join();
    middle.join();
    host::await([&] { return effective_priority(owner.thread()) == k_low; });
  });
}

TEST(Inheritance, ALessUrgentWaiterLendsNothing) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    Holder owner(mutex, k_high);
    ThreadHandle low = start_waiter(mutex, k_low);
    EXPECT_EQ(effective_priority(owner.thread()), k_high);
    owner.let_go();
    low.join();
  });
}

// The classic: without inheritance the thread of middling priority would run for ever.
TEST(Inheritance, AMiddlingThreadCannotKeepAnUrgentOneWaiting) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    host::Record record;
    Atomic<bool> high_is_done{false};
    Holder owner(mutex, k_low);
    ThreadHandle middle = host::start({.name = "middle", .priority = k_middle}, [&] {
      while (!high_is_done.load(acquire)) hal::relax();
      record.add(2);
    });
    ThreadHandle high = host::start({.name = "high", .priority = k_high}, [&] {
      MutexGuard guard(mutex);
      record.add(1);
      high_is_done.store(true, release);
    });
    host::await_blocked(*high, BlockReason::locked);
    owner.let_go();
    high.join();
    middle.join();
    EXPECT_EQ(record.all(), std::vector<int>({1, 2}));
  });
}

// high waits for `outer` of middle, which waits for `inner` of low.
TEST(Inheritance, GoesAlongAChain) {
  run_strictly([] {
    Mutex outer(Rank::user);
    Mutex inner(Rank::user_inner);
    Holder low(inner, k_low);
    ThreadHandle middle = host::start({.name = "middle", .priority = k_middle}, [&] {
      MutexGuard first(outer);
      MutexGuard second(inner);
    });
    host::await_blocked(*middle, BlockReason::locked);
    EXPECT_EQ(effective_priority(low.thread()), k_middle);
    ThreadHandle high = start_waiter(outer, k_high);
    EXPECT_EQ(effective_priority(*middle), k_high);
    EXPECT_EQ(effective_priority(low.thread()), k_high);
    low.let_go();
    high.join();
    middle.join();
  });
}

TEST(Inheritance, EndsWhenTheWaiterGivesUp) {
  run_strictly([] {
    Mutex outer(Rank::user);
    Mutex inner(Rank::user_inner);
    Holder low(inner, k_low);
    ThreadHandle middle = host::start({.name = "middle", .priority = k_middle}, [&] {
      MutexGuard first(outer);
      MutexGuard second(inner);
    });
    host::await_blocked(*middle, BlockReason::locked);
    ThreadHandle high = host::start({.name = "high", .priority = k_high},
                                    [&] { EXPECT_FALSE(outer.lock_until(hal::now() + k_second)); });
    host::await_blocked(*high, BlockReason::locked);
    EXPECT_EQ(effective_priority(low.thread()), k_high);
    high.join();
    EXPECT_EQ(effective_priority(*middle), k_middle);
    EXPECT_EQ(effective_priority(low.thread()), k_middle);
    low.let_go();
    middle.join();
  });
}

// An owner of two wanted mutexes keeps what the second lends when it lets the first go.
TEST(Inheritance, ComesFromAllMutexesTheThreadOwns) {
  run_strictly([] {
    Mutex first(Rank::user);
    Mutex second(Rank::user_inner);
    Semaphore may_drop_second(0);
    Semaphore may_drop_first(0);
    ThreadHandle owner = host::start({.name = "owner", .priority = k_low}, [&] {
      first.lock();
      second.lock();
      may_drop_second.acquire();
      second.unlock();
      may_drop_first.acquire();
      first.unlock();
    });
    host::await_blocked(*owner, BlockReason::waiting);
    ThreadHandle middle = start_waiter(first, k_middle);
    ThreadHandle high = start_waiter(second, k_high);
    EXPECT_EQ(effective_priority(*owner), k_high);
    may_drop_second.release();
    high.join();
    EXPECT_EQ(effective_priority(*owner), k_middle);
    may_drop_first.release();
    middle.join();
    owner.join();
  });
}

TEST(Inheritance, TheNextOwnerInheritsFromThoseWhoStillWait) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    Semaphore may_go(0);
    Holder first(mutex, k_low);
    ThreadHandle second = host::start({.name = "second", .priority = k_middle}, [&] {
      MutexGuard guard(mutex);
      may_go.acquire();
    });
    host::await_blocked(*second, BlockReason::locked);
    first.let_go();
    host::await_blocked(*second, BlockReason::waiting);
    ThreadHandle high = start_waiter(mutex, k_high);
    ThreadHandle highest = start_waiter(mutex, k_highest);
    EXPECT_EQ(effective_priority(*second), k_highest);
    may_go.release();
    highest.join();
    high.join();
    second.join();
  });
}

// The priority of a thread that waits is changed: its place in the queue and what it lends follow.
TEST(Inheritance, FollowsAChangeOfPriority) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    host::Record record;
    Holder owner(mutex, k_low);
    host::Crew crew;
    std::vector<Thread*> waiters;
    for (const int number : {0, 1}) {
      waiters.push_back(&crew.add({.priority = k_middle}, [&, number] {
        MutexGuard guard(mutex);
        record.add(number);
      }));
      host::await_blocked(*waiters.back(), BlockReason::locked);
    }
    sched::set_priority(*waiters[1], k_high);
    EXPECT_EQ(effective_priority(owner.thread()), k_high);
    sched::set_priority(*waiters[0], k_low);
    EXPECT_EQ(effective_priority(owner.thread()), k_high);
    owner.let_go();
    crew.join();
    EXPECT_EQ(record.all(), std::vector<int>({1, 0}));
  });
}

// Two threads, each waiting (with a time-out) for what the other holds. The rank check forbids it, so
// it is blinded here; a release build has none. The walk along the circle must end.
TEST(Inheritance, ACircleOfWaitingEnds) {
  run_strictly([] {
    Mutex one(Rank::user);
    Mutex other(Rank::user);
    Semaphore both_hold(0);
    const auto deadlock = [&](Mutex& own, Mutex& wanted, Nanoseconds patience) {
      own.lock();
      both_hold.acquire();
      note_sleeping_unlocked(&own);
      const bool got_it = wanted.lock_until(hal::now() + patience);
      if (got_it) wanted.unlock();
      note_sleeping_locked(&own, Rank::user);
      own.unlock();
      return got_it;
    };
    bool first_got_it = true;
    bool second_got_it = false;
    ThreadHandle first = host::start({.name = "first", .priority = k_low},
                                     [&] { first_got_it = deadlock(one, other, k_second); });
    ThreadHandle second = host::start({.name = "second", .priority = k_middle},
                                      [&] { second_got_it = deadlock(other, one, 2 * k_second); });
    host::await_blocked(*first, BlockReason::waiting);
    host::await_blocked(*second, BlockReason::waiting);
    both_hold.release(2);
    host::await_blocked(*first, BlockReason::locked);
    EXPECT_EQ(effective_priority(*first), k_middle);
    sched::set_priority(*second, k_high);  // goes once round
    EXPECT_EQ(effective_priority(*first), k_high);
    first.join();
    second.join();
    EXPECT_FALSE(first_got_it);
    EXPECT_TRUE(second_got_it);
  });
}

// ---- Loans: what has an owner, and is no mutex ------------------------------------------------------

// A thread that waits, as if for something of the borrower's, until it is told to go on.
class Lender {
 public:
  Lender(Thread& borrower, int priority) {
    thread_ = host::start({.name = "lender", .priority = priority}, [this, &borrower] {
      Loan loan(*hal::current());
      {
        SpinGuard guard(inheritance_lock);
        loan_ = &loan;
        lent_ = lend(loan, borrower);
      }
      may_go_.acquire();
      SpinGuard guard(inheritance_lock);
      end_loan(loan);
    });
    host::await_blocked(*thread_, BlockReason::waiting);
  }
  ~Lender() { stop(); }
  void stop() {
    if (!std::exchange(waits_, false)) return;
    may_go_.release();
    thread_.join();
  }
  Thread& thread() { return *thread_; }
  Loan& loan() { return *loan_; }
  const Result<>& lent() const { return lent_; }

 private:
  bool waits_ = true;
  Semaphore may_go_{0};
  Loan* loan_ = nullptr;
  Result<> lent_;
  ThreadHandle thread_;
};

TEST(Loans, GoAlongAChainAndEndWithTheirLender) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    Holder low(mutex, k_low);
    Lender middle(low.thread(), k_middle);
    EXPECT_EQ(effective_priority(low.thread()), k_middle);
    Lender high(middle.thread(), k_high);
    EXPECT_EQ(effective_priority(middle.thread()), k_high);
    EXPECT_EQ(effective_priority(low.thread()), k_high);
    sched::set_priority(high.thread(), k_highest);
    EXPECT_EQ(effective_priority(low.thread()), k_highest);
    high.stop();
    EXPECT_EQ(effective_priority(middle.thread()), k_middle);
    EXPECT_EQ(effective_priority(low.thread()), k_middle);
    middle.stop();
    EXPECT_EQ(effective_priority(low.thread()), k_low);
    low.let_go();
  });
}

TEST(Loans, AndMutexesMakeOneChain) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    Holder low(mutex, k_low);
    ThreadHandle middle = start_waiter(mutex, k_middle);
    Lender high(*middle, k_high);
    EXPECT_EQ(effective_priority(low.thread()), k_high) << "who waits for the mutex has borrowed";
    high.stop();
    EXPECT_EQ(effective_priority(low.thread()), k_middle);
    low.let_go();
    middle.join();
  });
}

TEST(Loans, ThatWouldCloseARingAreRefused) {
  run_strictly([] {
    Mutex mutex(Rank::user);
    Holder first(mutex, k_low);
    Lender second(first.thread(), k_low);
    Lender third(second.thread(), k_low);
    {
      SpinGuard guard(inheritance_lock);
      Loan loan(first.thread());
      EXPECT_EQ(lend(loan, third.thread()).error(), Errno::deadlk);
      EXPECT_EQ(lend(loan, first.thread()).error(), Errno::deadlk) << "nobody waits for himself";
      EXPECT_EQ(loan.borrower, nullptr);
      EXPECT_EQ(first.thread().loan, nullptr);
    }
    third.stop();
    second.stop();
    first.let_go();
  });
}

TEST(Loans, ArePassedOn) {
  run_strictly([] {
    Mutex one(Rank::user), other(Rank::user_inner);
    Holder first(one, k_low), second(other, k_low);
    Lender high(first.thread(), k_high);
    {
      SpinGuard guard(inheritance_lock);
      pass_on(high.loan(), second.thread());
      inherit_from_waiters(first.thread());
      inherit_from_waiters(second.thread());
    }
    EXPECT_EQ(effective_priority(first.thread()), k_low);
    EXPECT_EQ(effective_priority(second.thread()), k_high);
    high.stop();
    EXPECT_EQ(effective_priority(second.thread()), k_low);
    first.let_go();
    second.let_go();
  });
}

}  // namespace
}  // namespace weft
