// Who waits for departures sees the memory of all threads that were leaving before, and need not wait for
// those that come later.
#include "core/sched/reaper_queue.hh"

#include <gtest/gtest.h>

#include "core/mm/kernel_stack.hh"
#include "core/proc/kernel_thread.hh"
#include "core/sched/scheduler.hh"
#include "core/sched/thread_list.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/machine.hh"
#include "unit/support/seeds.hh"

namespace weft {
namespace {

TEST(Departures, WithoutAnyNobodyWaits) {
  host::Machine().run([] {
    sched::wait_for_departures();
    sched::wait_for_departures();
  });
}

TEST(Departures, TheStacksOfAllThatLeaveComeBack) {
  host::for_seeds(16, [](uint64_t seed) {
    host::Machine(host::options_for(seed)).run([] {
      const size_t before = mm::stack_stats().live;
      Semaphore leaving(0);
      constexpr int k_threads = 5;
      for (int i = 0; i < k_threads; ++i) {
        spawn({}, [&] {
          sched::announce_departure();
          leaving.release();
        })->detach();
      }
      for (int i = 0; i < k_threads; ++i) leaving.acquire();
      sched::wait_for_departures();
      EXPECT_EQ(mm::stack_stats().live, before);
    });
  });
}

// A thread that has announced its departure, and goes when it may.
struct Leaver {
  Leaver() {
    spawn({}, [this] {
      sched::announce_departure();
      has_announced.release();
      may_go.acquire();
    })->detach();
    has_announced.acquire();
  }
  Semaphore has_announced{0};
  Semaphore may_go{0};
};

TEST(Departures, ALaterOneIsNotWaitedFor) {
  host::for_seeds(16, [](uint64_t seed) {
    host::Machine(host::options_for(seed)).run([] {
      Leaver early;
      ThreadHandle waiter = spawn({}, [] { sched::wait_for_departures(); }).value();
      while (sched::view_thread(*waiter).state != ThreadState::blocked) sched::yield();
      Leaver late;
      early.may_go.release();
      waiter.join();  // for ever, if it waited for the late one
      late.may_go.release();
      sched::wait_for_departures();
    });
  });
}

}  // namespace
}  // namespace weft
