#include "core/sync/recursive_mutex.hh"

#include <gtest/gtest.h>

#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

TEST(RecursiveMutex, ItsHolderComesInAgain) {
  Machine machine;
  machine.run([] {
    RecursiveMutex mutex(Rank::user);
    mutex.lock();
    EXPECT_TRUE(mutex.try_lock());
    EXPECT_TRUE(mutex.lock_until(hal::now()));
    EXPECT_EQ(mutex.depth(), 3u);
    for (unsigned depth = 3; depth > 0; --depth) {
      EXPECT_TRUE(mutex.is_held());
      mutex.unlock();
    }
    EXPECT_FALSE(mutex.is_held());
  });
}

TEST(RecursiveMutex, OthersWaitForTheLastUnlock) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      RecursiveMutex mutex(Rank::user);
      bool is_open = false;
      mutex.lock();
      mutex.lock();
      host::Crew crew;
      Thread& other = crew.add([&] {
        EXPECT_FALSE(mutex.try_lock());
        EXPECT_FALSE(mutex.lock_until(hal::now() + k_microsecond));
        mutex.lock();
        EXPECT_TRUE(is_open);
        mutex.unlock();
      });
      host::await_blocked(other, BlockReason::locked);
      mutex.unlock();
      is_open = true;
      mutex.unlock();
      crew.join();
    });
  });
}

TEST(RecursiveMutexDeathTest, OnlyItsHolderLetsItGo) {
  const auto unlock_free = [] {
    Machine machine;
    machine.run([] {
      RecursiveMutex mutex(Rank::user);
      mutex.unlock();
    });
  };
  EXPECT_DEATH(unlock_free(), "a mutex is let go by its owner");
}

}  // namespace
}  // namespace weft
