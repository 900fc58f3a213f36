#include "core/sync/rw_lock.hh"

#include <gtest/gtest.h>

#include "core/sync/lock_check.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

// try_lock() stands in a macro here, where the compiler loses track of it; and locks are misused.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

namespace weft {
namespace {

using host::Machine;

TEST(RwLock, ReadersGoInTogether) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      RwLock lock(Rank::user);
      Semaphore inside(0);
      Semaphore may_leave(0);
      host::Crew crew;
      crew.add_many(3, [&](unsigned) {
        lock.lock_shared();
        inside.release();
        may_leave.acquire();
        lock.unlock_shared();
      });
      for (int i = 0; i < 3; ++i) inside.acquire();  // all are in, and none has left
      EXPECT_FALSE(lock.try_lock());
      EXPECT_TRUE(lock.try_lock_shared());
      lock.unlock_shared();
      may_leave.release(3);
      crew.join();
      EXPECT_TRUE(lock.try_lock());
      EXPECT_FALSE(lock.try_lock());
      EXPECT_FALSE(lock.try_lock_shared());
      lock.unlock();
    });
  });
}

// In the order of arrival: readers before a writer go in at once, those behind it wait for it, and
// then go in together.
TEST(RwLock, ServesInTheOrderOfArrival) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      RwLock lock(Rank::user);
      host::Record record;
      host::Crew crew;
      const auto add_writer = [&](int number) {
        host::await_blocked(crew.add([&, number] {
          lock.lock();
          record.add(number);
          lock.unlock();
        }),
                            BlockReason::locked);
      };
      Semaphore both_inside(0);
      const auto add_reader = [&](Semaphore& other) {
        host::await_blocked(crew.add([&] {
          lock.lock_shared();
          both_inside.release();
          other.acquire();
          record.add(2);
          lock.unlock_shared();
        }),
                            BlockReason::locked);
      };
      Semaphore may_leave(0);
      lock.lock_shared();
      add_writer(1);
      EXPECT_FALSE(lock.try_lock_shared());  // a new reader queues behind the writer
      add_reader(may_leave);
      add_reader(may_leave);
      add_writer(3);
      lock.unlock_shared();
      both_inside.acquire();
      both_inside.acquire();
      may_leave.release(2);
      crew.join();
      EXPECT_EQ(record.all(), std::vector<int>({1, 2, 2, 3}));
    });
  });
}

// Readers that come again and again, always at least one inside, do not keep a writer out.
TEST(RwLock, AWriterDoesNotStarve) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      RwLock lock(Rank::user);
      Atomic<bool> has_written{false};
      host::Crew crew;
      crew.add_many(3, [&](unsigned) {
        while (!has_written.load(relaxed)) {
          lock.lock_shared();
          sched::yield();
          hal::relax();
          lock.unlock_shared();
        }
      });
      lock.lock();
      has_written.store(true, relaxed);
      lock.unlock();
    });
  });
}

TEST(RwLockDeathTest, OnlyWhoLockedUnlocks) {
  const auto unlock_foreign = [] {
    Machine machine;
    machine.run([] {
      RwLock lock(Rank::user);
      lock.lock();
      host::start({}, [&] {
        note_sleeping_locked(&lock, Rank::user);
        lock.unlock();
      }).join();
    });
  };
  EXPECT_DEATH(unlock_foreign(), "a lock is unlocked by the thread that wrote under it");
  const auto unlock_unread = [] {
    Machine machine;
    machine.run([] {
      RwLock lock(Rank::user);
      note_sleeping_locked(&lock, Rank::user);
      lock.unlock_shared();
    });
  };
  EXPECT_DEATH(unlock_unread(), "a reader that leaves has come");
}

TEST(RwLockDeathTest, RecursiveUse) {
  const auto lock_twice = [](bool reads) {
    Machine machine;
    machine.run([=] {
      RwLock lock(Rank::user);
      lock.lock();
      note_sleeping_unlocked(&lock);  // so that the watch over ranks does not see it first
      if (reads) {
        lock.lock_shared();
      } else {
        lock.lock();
      }
    });
  };
  EXPECT_DEATH(lock_twice(false), "a lock is not taken twice by one thread");
  EXPECT_DEATH(lock_twice(true), "a lock is not taken twice by one thread");
}

}  // namespace
}  // namespace weft
