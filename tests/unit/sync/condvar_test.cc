#include "core/sync/condvar.hh"

#include <gtest/gtest.h>

#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

TEST(CondVar, WaitLetsTheMutexGoAndTakesItAgain) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      CondVar changed;
      bool is_ready = false;
      ThreadHandle waiter = host::start({}, [&] {
        MutexGuard guard(mutex);
        while (!is_ready) changed.wait(mutex);
        EXPECT_TRUE(mutex.is_held());
      });
      host::await_blocked(*waiter, BlockReason::waiting);
      {
        MutexGuard guard(mutex);  // free, although the waiter called wait() with it
        is_ready = true;
        changed.notify_one();
      }
      waiter.join();
    });
  });
}

TEST(CondVar, NotifyOneWakesTheLongestWaiter) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      CondVar changed;
      host::Record record;
      std::vector<ThreadHandle> waiters;
      for (int i = 0; i < 3; ++i) {
        waiters.push_back(host::start({}, [&, i] {
          MutexGuard guard(mutex);
          changed.wait(mutex);
          record.add(i);
        }));
        host::await_blocked(*waiters.back(), BlockReason::waiting);
      }
      for (ThreadHandle& waiter : waiters) {
        changed.notify_one();
        waiter.join();
      }
      EXPECT_EQ(record.all(), std::vector<int>({0, 1, 2}));
      changed.notify_one();  // nobody waits: it is not kept for later
    });
  });
}

TEST(CondVar, NotifyAllWakesAll) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      CondVar changed;
      unsigned awake = 0;
      host::Crew crew;
      for (int i = 0; i < 4; ++i) {
        Thread& waiter = crew.add([&] {
          MutexGuard guard(mutex);
          changed.wait(mutex);
          ++awake;
        });
        host::await_blocked(waiter, BlockReason::waiting);
      }
      changed.notify_all();
      crew.join();
      EXPECT_EQ(awake, 4u);
    });
  });
}

TEST(CondVar, HoldsTheMutexHoweverTheWaitEnds) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([] {
      Mutex mutex(Rank::user);
      CondVar changed;
      {
        MutexGuard guard(mutex);
        const Instant deadline = hal::now() + k_millisecond;
        EXPECT_EQ(changed.wait(mutex, WaitLimit::until(deadline)).error(), Errno::timedout);
        EXPECT_GE(hal::now(), deadline);
        EXPECT_TRUE(mutex.is_held());
      }
      ThreadHandle waiter = host::start({}, [&] {
        MutexGuard guard(mutex);
        EXPECT_EQ(changed.wait(mutex, {.interruptible = true}).error(), Errno::intr);
        EXPECT_TRUE(mutex.is_held());
      });
      host::await_blocked(*waiter, BlockReason::waiting);
      sched::interrupt(*waiter);
      waiter.join();
    });
  });
}

}  // namespace
}  // namespace weft
