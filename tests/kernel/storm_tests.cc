// The same locks while every thread loses its CPU every few microseconds, wherever it is.
#include "core/sync/condvar.hh"
#include "core/sync/mutex.hh"
#include "core/sync/semaphore.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/tick_storm.hh"

namespace weft::selftest::storms {
namespace {

constexpr unsigned k_threads = 8;
constexpr unsigned k_least_rounds = 500;

void note_ticks(const TickStorm& storm) { note(Text<60>("{} turns ended", storm.ticks()).view()); }

// A number of instructions in which a preemption may come.
void dawdle(unsigned turns) {
  for (unsigned i = 0; i < turns; ++i) hal::relax();
}

}  // namespace

void mutex_storm() {
  Mutex outer(Rank::user);
  Mutex inner(Rank::user_inner);
  unsigned count = 0;
  unsigned inner_count = 0;
  Atomic<unsigned> rounds{0};
  Atomic<unsigned> inner_rounds{0};
  TickStorm storm;
  Crew<k_threads> crew;
  crew.add_many(k_threads, [&](unsigned self) {
    for (unsigned i = 0; i < k_least_rounds || !storm.has_blown(); ++i) {
      rounds.fetch_add(1, relaxed);
      MutexGuard guard(outer);
      const unsigned seen = count;
      dawdle(self);
      if (i % 4 == 0) {
        inner_rounds.fetch_add(1, relaxed);
        MutexGuard second(inner);
        ++inner_count;
      }
      count = seen + 1;
    }
  });
  crew.join();
  expect_equal(count, rounds.load(relaxed), "additions under the mutex");
  expect_equal(inner_count, inner_rounds.load(relaxed), "additions under both");
  note_ticks(storm);
}

void semaphore_storm() {
  constexpr unsigned k_rounds = 300;
  std::array<Semaphore, k_threads> turns{Semaphore(1), Semaphore(0), Semaphore(0), Semaphore(0),
                                         Semaphore(1), Semaphore(0), Semaphore(0), Semaphore(0)};
  Atomic<unsigned> hops{0};
  TickStorm storm;
  Crew<k_threads> crew;
  crew.add_many(k_threads, [&](unsigned self) {
    for (unsigned i = 0; i < k_rounds; ++i) {
      turns[self].acquire();
      hops.fetch_add(1, relaxed);
      turns[(self + 1) % k_threads].release();
    }
  });
  crew.join();
  expect_equal(hops.load(relaxed), k_threads * k_rounds, "hops of the two tokens");
  note_ticks(storm);
}

void spin_lock_storm() {
  SpinLock lock(Rank::user_spin);
  unsigned count = 0;
  Atomic<unsigned> rounds{0};
  TickStorm storm;
  Crew<k_threads> crew;
  crew.add_many(k_threads, [&](unsigned) {
    for (unsigned i = 0; i < k_least_rounds || !storm.has_blown(); ++i) {
      rounds.fetch_add(1, relaxed);
      SpinGuard guard(lock);
      ++count;
    }
  });
  crew.join();
  expect_equal(count, rounds.load(relaxed), "additions under the spin lock");
  note_ticks(storm);
}

// Wake-ups and time-outs race for the same waits: each key is had exactly once.
void timeout_storm() {
  constexpr unsigned k_rounds = 500;
  Semaphore keys(0);
  Atomic<unsigned> had{0};
  Atomic<unsigned> timed_out{0};
  Atomic<bool> over{false};
  TickStorm storm;
  Crew<k_threads> crew;
  crew.add_many(k_threads, [&](unsigned self) {
    while (!over.load(relaxed)) {
      const Instant deadline = hal::now() + (self + 1) * 20 * k_microsecond;
      (keys.acquire(WaitLimit::until(deadline)) ? had : timed_out).fetch_add(1, relaxed);
    }
  });
  for (unsigned i = 0; i < k_rounds; ++i) {
    keys.release();
    dawdle(200);
  }
  await([&] { return had.load(relaxed) == k_rounds; });
  over.store(true, relaxed);
  crew.join();
  expect_equal(had.load(relaxed), k_rounds, "keys had");
  expect_equal(keys.keys(), 0u, "keys left");
  note(Text<60>("{} waits timed out", timed_out.load(relaxed)).view());
}

// Threads in a circle wait for their turn under one mutex and one condition.
void condvar_storm() {
  constexpr unsigned k_rounds = 100;
  Mutex mutex(Rank::user);
  CondVar changed;
  unsigned turn = 0;
  TickStorm storm;
  Crew<k_threads> crew;
  crew.add_many(k_threads, [&](unsigned self) {
    for (unsigned i = 0; i < k_rounds; ++i) {
      MutexGuard guard(mutex);
      while (turn % k_threads != self) changed.wait(mutex);
      ++turn;
      changed.notify_all();
    }
  });
  crew.join();
  expect_equal(turn, k_threads * k_rounds, "turns taken");
  note_ticks(storm);
}

// A preempted computation goes on as if nothing had been: no register and no flag is lost.
void registers_survive() {
  constexpr unsigned k_steps = 500'000;
  // Eight independent sums, so that the compiler keeps them in registers all the way.
  const auto compute = [](uint64_t seed) {
    uint64_t a = seed, b = seed + 1, c = seed + 2, d = seed + 3, e = seed + 4, f = seed + 5,
             g = seed + 6;
    for (unsigned i = 0; i < k_steps; ++i) {
      a = a * 3 + b;
      b ^= c + (c >> 7);
      c += d < e ? d : e;
      d = (d << 5 | d >> 59) + f;
      e -= g;
      f = f * 5 + a;
      g ^= b;
    }
    return a ^ b ^ c ^ d ^ e ^ f ^ g;
  };
  std::array<uint64_t, 4> expected{};
  for (unsigned i = 0; i < expected.size(); ++i) expected[i] = compute(i);
  TickStorm storm;
  Crew<4> crew;
  crew.add_many(4, [&](unsigned self) {
    do {
      expect_equal(compute(self), expected[self], "a computation that lost its CPU many times");
    } while (!storm.has_blown());
  });
  crew.join();
  note_ticks(storm);
}

}  // namespace weft::selftest::storms
