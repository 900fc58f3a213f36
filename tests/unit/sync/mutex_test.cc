#include "core/sync/mutex.hh"

#include <gtest/gtest.h>

#include "core/sync/irq_guard.hh"
#include "core/sync/lock_check.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

// Some tests lock and unlock in different functions.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

namespace weft {
namespace {

using host::Machine;

TEST(Mutex, HasAnOwner) {
  Machine machine;
  machine.run([] {
    Mutex mutex(Rank::user);
    EXPECT_EQ(mutex.owner(), nullptr);
    EXPECT_FALSE(mutex.is_held());
    {
      MutexGuard guard(mutex);
      EXPECT_EQ(mutex.owner(), hal::current());
      EXPECT_TRUE(mutex.is_held());
      EXPECT_NE(mutex.locked_at(), 0u);
      host::Crew crew;
      crew.add([&] { EXPECT_FALSE(mutex.is_held()); });
    }
    EXPECT_EQ(mutex.owner(), nullptr);
    EXPECT_EQ(mutex.rank(), Rank::user);
  });
}

TEST(Mutex, TryLockTakesOnlyAFreeMutex) {
  Machine machine({.cpus = 2});
  machine.run([] {
    Mutex mutex(Rank::user);
    ASSERT_TRUE(mutex.try_lock());
    EXPECT_TRUE(mutex.is_held());
    host::start({}, [&] { EXPECT_FALSE(mutex.try_lock()); }).join();
    mutex.unlock();
    host::start({}, [&] {
      EXPECT_TRUE(mutex.try_lock());
      mutex.unlock();
    }).join();
  });
}

TEST(Mutex, LockUntilGivesUpAtTheDeadlineAndNotBefore) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      MutexGuard guard(mutex);
      host::start({}, [&] {
        const Instant deadline = hal::now() + k_millisecond;
        EXPECT_FALSE(mutex.lock_until(deadline));
        EXPECT_GE(hal::now(), deadline);
        EXPECT_FALSE(mutex.lock_until(0));  // long past
      }).join();
      EXPECT_TRUE(mutex.is_held());
    });
  });
}

TEST(Mutex, LockUntilTakesItWhenItComesInTime) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      mutex.lock();
      ThreadHandle other = host::start({}, [&] {
        EXPECT_TRUE(mutex.lock_until(k_never - 1));
        EXPECT_TRUE(mutex.is_held());
        mutex.unlock();
      });
      host::await_blocked(*other, BlockReason::locked);
      mutex.unlock();
      other.join();
    });
  });
}

// Locks the mutex, lets `count` threads queue up for it one after the other (with these priorities),
// and says in which order they were served.
std::vector<int> order_of_service(const std::vector<int>& priorities) {
  Mutex mutex(Rank::user);
  host::Record record;
  host::Crew crew;
  mutex.lock();
  for (size_t i = 0; i < priorities.size(); ++i) {
    Thread& thread = crew.add({.priority = priorities[i]}, [&, i] {
      MutexGuard guard(mutex);
      record.add(static_cast<int>(i));
    });
    host::await_blocked(thread, BlockReason::locked);
  }
  mutex.unlock();
  crew.join();
  return record.all();
}

TEST(Mutex, ServesEqualThreadsInTheOrderOfArrival) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run(
        [] { EXPECT_EQ(order_of_service({31, 31, 31, 31}), std::vector<int>({0, 1, 2, 3})); });
  });
}

TEST(Mutex, ServesTheMostUrgentFirst) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      EXPECT_EQ(order_of_service({20, 40, 31, 40, 50}), std::vector<int>({4, 1, 3, 2, 0}));
    });
  });
}

// unlock() hands it to the waiter: the thread that unlocks cannot take it again before.
TEST(Mutex, IsHandedStraightToTheWaiter) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      mutex.lock();
      ThreadHandle waiter = host::start({}, [&] {
        mutex.lock();
        mutex.unlock();
      });
      host::await_blocked(*waiter, BlockReason::locked);
      {
        IrqGuard nothing_in_between;
        mutex.unlock();
        EXPECT_EQ(mutex.owner(), &*waiter);
        EXPECT_FALSE(mutex.try_lock());
      }
      waiter.join();
    });
  });
}

// A waiter that gives up leaves nothing behind, whether others wait or not.
TEST(Mutex, AWaiterThatGivesUpIsForgotten) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      host::Crew crew;
      mutex.lock();
      Thread& patient = crew.add([&] {
        mutex.lock();
        mutex.unlock();
      });
      host::await_blocked(patient, BlockReason::locked);
      const auto give_up = [&] { EXPECT_FALSE(mutex.lock_until(hal::now() + 50 * k_microsecond)); };
      host::start({}, give_up).join();
      EXPECT_EQ(sched::view_thread(patient).object, &mutex);
      mutex.unlock();
      crew.join();
      EXPECT_EQ(mutex.owner(), nullptr);

      mutex.lock();  // the only waiter gives up: unlock() has nobody to wake
      host::start({}, give_up).join();
      mutex.unlock();
      EXPECT_EQ(mutex.owner(), nullptr);
    });
  });
}

// While the owner runs on another CPU, a short wait costs no switch. The owner lets go a moment after the
// other has begun to lock.
TEST(Mutex, SpinsWhileTheOwnerRuns) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine({.cpus = 2, .seed = seed});
    machine.run([] {
      Mutex mutex(Rank::user);
      Atomic<bool> is_taken{false};
      Atomic<bool> is_coming{false};
      host::Crew crew;
      crew.add({.cpu_mask = 2}, [&] {
        MutexGuard guard(mutex);
        is_taken.store(true, release);
        while (!is_coming.load(acquire)) hal::relax();
        for (int moment = 0; moment < 10; ++moment) hal::relax();
      });
      crew.add({.cpu_mask = 1}, [&] {
        while (!is_taken.load(acquire)) hal::relax();
        const uint64_t switches = sched::view_thread(*hal::current()).switches;
        is_coming.store(true, release);
        MutexGuard guard(mutex);
        EXPECT_EQ(sched::view_thread(*hal::current()).switches, switches);
      });
    });
  });
}

TEST(MutexDeathTest, RecursiveUseNamesBothPlaces) {
  const auto lock_twice = [] {
    Machine machine;
    machine.run([] {
      Mutex mutex(Rank::user);
      mutex.lock();
      note_sleeping_unlocked(&mutex);  // so that the watch over ranks does not see it first
      mutex.lock();
    });
  };
  EXPECT_DEATH(lock_twice(), "mutex locked again by its owner, at .*\nfirst locked at ");
  EXPECT_DEATH(lock_twice(), "a mutex is not locked twice by one thread");
  const auto lock_twice_in_time = [] {
    Machine machine;
    machine.run([] {
      Mutex mutex(Rank::user);
      mutex.lock();
      note_sleeping_unlocked(&mutex);
      static_cast<void>(mutex.lock_until(k_never - 1));
    });
  };
  EXPECT_DEATH(lock_twice_in_time(), "a mutex is not locked twice by one thread");
}

TEST(MutexDeathTest, OnlyTheOwnerUnlocks) {
  const auto unlock_foreign = [] {
    Machine machine;
    machine.run([] {
      Mutex mutex(Rank::user);
      mutex.lock();
      host::start({}, [&] {
        note_sleeping_locked(&mutex, Rank::user);
        mutex.unlock();
      }).join();
    });
  };
  EXPECT_DEATH(unlock_foreign(), "a mutex is unlocked by its owner");
}

TEST(MutexDeathTest, AHeldMutexDoesNotGoAway) {
  const auto drop_held = [] {
    Machine machine;
    machine.run([] {
      Mutex mutex(Rank::user);
      mutex.lock();
    });
  };
  EXPECT_DEATH(drop_held(), "nobody holds a mutex that goes away");
}

}  // namespace
}  // namespace weft
