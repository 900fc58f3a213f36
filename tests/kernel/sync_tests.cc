// What threads wait for each other with: each does what it promises, on real CPUs.
#include "core/sync/barrier.hh"
#include "core/sync/condvar.hh"
#include "core/sync/event.hh"
#include "core/sync/mutex.hh"
#include "core/sync/once.hh"
#include "core/sync/rw_lock.hh"
#include "core/sync/semaphore.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/threads.hh"

namespace weft::selftest::sync {
namespace {

// A deadline that no working kernel reaches.
Instant far_away() { return hal::now() + 1000 * k_second; }
Instant soon() { return hal::now() + 5 * k_millisecond; }

}  // namespace

void semaphore_ring() {
  constexpr unsigned k_members = 6;
  constexpr unsigned k_laps = 500;
  std::array<Semaphore, k_members> turns{Semaphore(1), Semaphore(0), Semaphore(0),
                                         Semaphore(0), Semaphore(0), Semaphore(0)};
  unsigned hops = 0;  // of whoever has the token
  Crew<k_members> crew;
  crew.add_many(k_members, [&](unsigned self) {
    for (unsigned lap = 0; lap < k_laps; ++lap) {
      turns[self].acquire();
      expect_equal(hops, lap * k_members + self, "the token's place");
      ++hops;
      turns[(self + 1) % k_members].release();
    }
  });
  crew.join();
  expect_equal(hops, k_members * k_laps, "hops in all");
}

void semaphore_limits() {
  Semaphore kitchen(3);
  Atomic<unsigned> inside{0};
  {
    Crew<10> crew;
    crew.add_many(10, [&](unsigned) {
      for (int i = 0; i < 100; ++i) {
        kitchen.acquire();
        expect(inside.fetch_add(1, relaxed) < 3, "as many are in the kitchen as there are keys");
        sched::yield();
        inside.fetch_sub(1, relaxed);
        kitchen.release();
      }
    });
  }
  expect_equal(kitchen.keys(), 3u, "keys when all have left");
  expect(kitchen.try_acquire() && kitchen.try_acquire() && kitchen.try_acquire(), "three keys");
  expect(!kitchen.try_acquire(), "no fourth key");
  const Instant deadline = soon();
  expect(kitchen.acquire(WaitLimit::until(deadline)) == fail(Errno::timedout), "waiting times out");
  expect(hal::now() >= deadline, "not before its time");
}

void bounded_semaphore() {
  BoundedSemaphore keys(2);
  expect(keys.release() == fail(Errno::overflow), "a key that was not given out is refused");
  keys.acquire();
  expect(keys.release().has_value(), "a key that was given out is taken back");
  expect_equal(keys.keys(), 2u, "keys");
}

void mutex_try_and_deadline() NO_THREAD_SAFETY_ANALYSIS {
  Mutex mutex(Rank::user);
  expect(mutex.try_lock(), "a free mutex is had by trying");
  Crew<1> crew;
  crew.add([&]() NO_THREAD_SAFETY_ANALYSIS {
    expect(!mutex.try_lock(), "a held mutex is not had by trying");
    const Instant deadline = soon();
    expect(!mutex.lock_until(deadline), "a held mutex is not had in time");
    expect(hal::now() >= deadline, "nobody gives up early");
  });
  crew.join();
  expect(mutex.is_held(), "the owner still has it");
  Thread& waiter = crew.add([&]() NO_THREAD_SAFETY_ANALYSIS {
    expect(mutex.lock_until(far_away()), "the mutex comes in time");
    mutex.unlock();
  });
  await_blocked(waiter, BlockReason::locked);
  mutex.unlock();
  crew.join();
  expect(mutex.owner() == nullptr, "nobody has it in the end");
}

void condvar_buffer() {
  constexpr unsigned k_items = 300;
  Mutex mutex(Rank::user);
  CondVar changed;
  unsigned full = 0;  // places, of 3
  unsigned taken = 0;
  Crew<4> crew;
  crew.add_many(2, [&](unsigned) {
    for (unsigned i = 0; i < k_items; ++i) {
      MutexGuard guard(mutex);
      while (full == 3) changed.wait(mutex);
      ++full;
      changed.notify_all();
    }
  });
  crew.add_many(2, [&](unsigned) {
    for (unsigned i = 0; i < k_items; ++i) {
      MutexGuard guard(mutex);
      while (full == 0) changed.wait(mutex);
      --full;
      ++taken;
      changed.notify_all();
    }
  });
  crew.join();
  expect_equal(taken, 2 * k_items, "items taken");
  expect_equal(full, 0u, "items left");

  MutexGuard guard(mutex);
  expect(changed.wait(mutex, WaitLimit::until(soon())) == fail(Errno::timedout),
         "a wait times out");
  expect(mutex.is_held(), "the mutex is held after a time-out");
}

void rw_lock() {
  RwLock lock(Rank::user);
  unsigned first = 0;
  unsigned second = 0;
  Crew<8> crew;
  crew.add_many(6, [&](unsigned) {
    for (unsigned i = 0; i < 100; ++i) {
      lock.lock_shared();
      const unsigned seen = first;
      if (i % 16 == 0) sched::yield();
      expect_equal(second, seen, "what a reader sees of two equal values");
      lock.unlock_shared();
    }
  });
  crew.add_many(2, [&](unsigned) {
    for (unsigned i = 0; i < 100; ++i) {
      lock.lock();
      ++first;
      if (i % 16 == 0) sched::yield();
      ++second;
      lock.unlock();
    }
  });
  crew.join();
  expect_equal(first, 200u, "writes");

  // Two readers are in at once, or this never ends.
  Barrier both(2);
  crew.add_many(2, [&](unsigned) {
    lock.lock_shared();
    both.arrive_and_wait();
    lock.unlock_shared();
  });
  crew.join();
}

void event() {
  Event event;
  Atomic<unsigned> passed{0};
  Crew<8> crew;
  for (int i = 0; i < 8; ++i) {
    Thread& thread = crew.add([&] {
      event.wait();
      passed.fetch_add(1, relaxed);
    });
    await_blocked(thread, BlockReason::waiting);
  }
  expect_equal(passed.load(relaxed), 0u, "threads that passed a clear event");
  event.set();
  crew.join();
  expect_equal(passed.load(relaxed), 8u, "threads that passed a set event");
  event.wait();  // set, it lets everybody pass
  event.clear();
  expect(event.wait(WaitLimit::until(soon())) == fail(Errno::timedout), "a clear event times out");
}

void barrier() {
  constexpr unsigned k_threads = 5;
  constexpr unsigned k_rounds = 200;
  Barrier barrier(k_threads);
  std::array<Atomic<unsigned>, k_rounds> arrived{};
  Atomic<unsigned> last_ones{0};
  Crew<k_threads> crew;
  crew.add_many(k_threads, [&](unsigned) {
    for (unsigned round = 0; round < k_rounds; ++round) {
      arrived[round].fetch_add(1, relaxed);
      if (barrier.arrive_and_wait()) last_ones.fetch_add(1, relaxed);
      expect_equal(arrived[round].load(relaxed), k_threads, "threads at the barrier when it opens");
    }
  });
  crew.join();
  expect_equal(last_ones.load(relaxed), k_rounds, "threads told that they were the last");
}

void once() {
  Once once(Rank::user);
  Barrier all_at_once(8);
  Atomic<unsigned> runs{0};
  Crew<8> crew;
  crew.add_many(8, [&](unsigned) {
    all_at_once.arrive_and_wait();
    once.call([&] {
      sched::sleep_for(k_millisecond);
      runs.fetch_add(1, relaxed);
    });
    expect_equal(runs.load(relaxed), 1u, "runs when a call returns");
  });
}

}  // namespace weft::selftest::sync
