// What the locks promise, as small programs that run in a Machine: on simulated CPUs under many
// seeds, and on host threads under TSan. The data in them is plain, so that a lock that lets two
// threads in at once is found either way.
#pragma once

#include <vector>

#include <gtest/gtest.h>

#include "core/sync/barrier.hh"
#include "core/sync/condvar.hh"
#include "core/sync/event.hh"
#include "core/sync/mutex.hh"
#include "core/sync/once.hh"
#include "core/sync/recursive_mutex.hh"
#include "core/sync/rw_lock.hh"
#include "core/sync/semaphore.hh"
#include "core/sync/spin_lock.hh"
#include "unit/support/threads.hh"

namespace weft::scenarios {

// One thread at a time is between lock() and unlock(), and sees all that the last one wrote.
template <typename Lock>
void one_at_a_time(Lock& lock, unsigned threads, unsigned rounds) {
  unsigned inside = 0;
  unsigned total = 0;
  host::Crew crew;
  crew.add_many(threads, [&](unsigned) NO_THREAD_SAFETY_ANALYSIS {
    for (unsigned round = 0; round < rounds; ++round) {
      lock.lock();
      EXPECT_EQ(++inside, 1u);
      const unsigned before = total;
      hal::relax();
      total = before + 1;
      --inside;
      lock.unlock();
      hal::relax();
    }
  });
  crew.join();
  EXPECT_EQ(total, threads * rounds);
}

// The same with try_lock() and time-outs: who got the lock has it alone, who did not stays out.
inline void mutex_with_time_outs(unsigned threads, unsigned rounds) {
  Mutex mutex(Rank::user);
  unsigned inside = 0;
  unsigned entries = 0;
  Atomic<unsigned> successes{0};
  host::Crew crew;
  crew.add_many(threads, [&](unsigned number) NO_THREAD_SAFETY_ANALYSIS {
    for (unsigned round = 0; round < rounds; ++round) {
      const Nanoseconds patience = (number + round) % 5 * k_microsecond;
      const bool got_it =
          round % 3 == 0 ? mutex.try_lock() : mutex.lock_until(hal::now() + patience);
      if (got_it) {
        EXPECT_TRUE(mutex.is_held());
        EXPECT_EQ(++inside, 1u);
        ++entries;
        successes.fetch_add(1, relaxed);
        for (unsigned i = 0; i < number; ++i) hal::relax();
        --inside;
        mutex.unlock();
      }
      hal::relax();
    }
  });
  crew.join();
  EXPECT_EQ(entries, successes.load(relaxed));
  EXPECT_EQ(mutex.owner(), nullptr);
}

// A bounded buffer: each number that goes in comes out once, and those of one producer in order.
inline void bounded_buffer(unsigned producers, unsigned consumers, unsigned numbers_each) {
  constexpr size_t k_room = 3;
  Mutex mutex(Rank::user);
  CondVar has_room;
  CondVar has_numbers;
  std::vector<unsigned> buffer;
  unsigned left = producers * numbers_each;
  std::vector<unsigned> next_of(producers, 0);
  host::Crew crew;
  crew.add_many(producers, [&](unsigned producer) {
    for (unsigned number = 0; number < numbers_each; ++number) {
      MutexGuard guard(mutex);
      while (buffer.size() == k_room) has_room.wait(mutex);
      buffer.push_back(producer * numbers_each + number);
      has_numbers.notify_one();
    }
  });
  crew.add_many(consumers, [&](unsigned) {
    for (;;) {
      MutexGuard guard(mutex);
      while (buffer.empty() && left > 0) has_numbers.wait(mutex);
      if (left == 0) return;
      const unsigned number = buffer.front();
      buffer.erase(buffer.begin());
      EXPECT_EQ(number % numbers_each, next_of[number / numbers_each]++);
      if (--left == 0) has_numbers.notify_all();
      has_room.notify_one();
    }
  });
  crew.join();
  EXPECT_EQ(left, 0u);
  EXPECT_EQ(next_of, std::vector<unsigned>(producers, numbers_each));
}

// Two threads that wait for each other in turn: each notify has one waiter and comes once, so a single
// one that is missed stops both.
inline void a_notify_is_not_missed(unsigned rounds) {
  Mutex mutex(Rank::user);
  CondVar turn_changed;
  unsigned turns = 0;
  host::Crew crew;
  crew.add_many(2, [&](unsigned number) {
    for (unsigned round = 0; round < rounds; ++round) {
      MutexGuard guard(mutex);
      while (turns % 2 != number) turn_changed.wait(mutex);
      ++turns;
      turn_changed.notify_one();
    }
  });
  crew.join();
  EXPECT_EQ(turns, 2 * rounds);
}

// No more threads inside than there are keys, and all keys are back at the end.
template <typename Keys>
void at_most_keys_inside(Keys& semaphore, unsigned keys, unsigned threads, unsigned rounds) {
  Atomic<unsigned> inside{0};
  host::Crew crew;
  crew.add_many(threads, [&](unsigned number) {
    for (unsigned round = 0; round < rounds; ++round) {
      if ((number + round) % 4 == 0) {
        const WaitLimit limit = WaitLimit::until(hal::now() + number * k_microsecond);
        if (!semaphore.acquire(limit).has_value()) continue;
      } else {
        semaphore.acquire();
      }
      EXPECT_LE(inside.fetch_add(1, relaxed) + 1, keys);
      hal::relax();
      inside.fetch_sub(1, relaxed);
      static_cast<void>(semaphore.release());
    }
  });
  crew.join();
  EXPECT_EQ(semaphore.keys(), keys);
}

// Threads in a circle; each waits for its neighbour's semaphore and then releases its own: exactly
// one token goes round, so nothing needs a lock.
inline void ring_of_semaphores(unsigned threads, unsigned rounds) {
  std::vector<std::unique_ptr<Semaphore>> turns;
  for (unsigned i = 0; i < threads; ++i)
    turns.push_back(std::make_unique<Semaphore>(i == 0 ? 1u : 0u));
  unsigned steps = 0;
  host::Crew crew;
  crew.add_many(threads, [&](unsigned number) {
    for (unsigned round = 0; round < rounds; ++round) {
      turns[number]->acquire();
      EXPECT_EQ(steps % threads, number);
      ++steps;
      turns[(number + 1) % threads]->release();
    }
  });
  crew.join();
  EXPECT_EQ(steps, threads * rounds);
}

// Readers never see a writer's work half done; a writer is alone.
inline void readers_and_writers(unsigned readers, unsigned writers, unsigned rounds) {
  RwLock lock(Rank::user);
  unsigned first = 0;
  unsigned second = 0;  // always as `first`, but while a writer is at it
  host::Crew crew;
  crew.add_many(writers, [&](unsigned) {
    for (unsigned round = 0; round < rounds; ++round) {
      lock.lock();
      ++first;
      hal::relax();
      ++second;
      lock.unlock();
      hal::relax();
    }
  });
  crew.add_many(readers, [&](unsigned) {
    for (unsigned round = 0; round < rounds; ++round) {
      lock.lock_shared();
      const unsigned seen = first;
      hal::relax();
      EXPECT_EQ(second, seen);
      EXPECT_EQ(first, seen);
      lock.unlock_shared();
      hal::relax();
    }
  });
  crew.join();
  EXPECT_EQ(first, writers * rounds);
}

// In each phase all threads write their own place, and in the next all read all places.
inline void phases_at_a_barrier(unsigned threads, unsigned phases) {
  Barrier barrier(threads);
  std::vector<unsigned> places(threads, 0);
  Atomic<unsigned> lasts{0};
  host::Crew crew;
  crew.add_many(threads, [&](unsigned number) {
    for (unsigned phase = 1; phase <= phases; ++phase) {
      places[number] = phase;
      if (barrier.arrive_and_wait()) lasts.fetch_add(1, relaxed);
      for (const unsigned place : places) EXPECT_EQ(place, phase);
      if (barrier.arrive_and_wait()) lasts.fetch_add(1, relaxed);
    }
  });
  crew.join();
  EXPECT_EQ(lasts.load(relaxed), 2 * phases);  // exactly one thread was the last each time
}

// What stands before set() is seen after wait(); nobody stays behind.
inline void an_event_lets_all_pass(unsigned threads) {
  Event event;
  unsigned message = 0;
  Atomic<unsigned> passed{0};
  host::Crew crew;
  crew.add_many(threads, [&](unsigned) {
    event.wait();
    EXPECT_EQ(message, 42u);
    passed.fetch_add(1, relaxed);
  });
  message = 42;
  event.set();
  crew.join();
  EXPECT_EQ(passed.load(relaxed), threads);
  EXPECT_TRUE(event.is_set());
}

// The function has run once, and whoever comes sees what it wrote.
inline void once_is_once(unsigned threads) {
  Once once(Rank::user);
  unsigned runs = 0;
  host::Crew crew;
  crew.add_many(threads, [&](unsigned) {
    once.call([&] {
      hal::relax();
      ++runs;
    });
    EXPECT_EQ(runs, 1u);
  });
  crew.join();
  EXPECT_EQ(runs, 1u);
}

// Each wake-up ends exactly one wait, and each wait ends in exactly one way, however wake-ups and
// time-outs race.
inline void no_wake_up_is_lost_or_doubled(unsigned waiters, unsigned rounds) {
  SpinLock lock(Rank::wait_queue);
  WaitQueue queue(lock);
  Atomic<unsigned> woken{0};
  Atomic<unsigned> waits_over{0};
  unsigned wake_ups = 0;
  host::Crew crew;
  crew.add_many(waiters, [&](unsigned number) {
    for (unsigned round = 0; round < rounds; ++round) {
      Waiter waiter(BlockReason::waiting, &queue);
      SpinGuard guard(lock);
      queue.prepare(waiter);
      const auto limit = WaitLimit::until(hal::now() + (number + round) % 7 * k_microsecond);
      const Outcome outcome = queue.block(waiter, limit);
      EXPECT_TRUE(outcome == Outcome::woken || outcome == Outcome::timed_out);
      if (outcome == Outcome::woken) woken.fetch_add(1, relaxed);
      waits_over.fetch_add(1, relaxed);
    }
  });
  while (waits_over.load(relaxed) < waiters * rounds) {
    {
      SpinGuard guard(lock);
      if (queue.wake_one() != nullptr) ++wake_ups;
    }
    sched::yield();
    hal::relax();
  }
  crew.join();
  EXPECT_EQ(woken.load(relaxed), wake_ups);
}

}  // namespace weft::scenarios
