// The life of a thread: New, Runnable, Running, Blocked, Dead.
#include "core/sched/thread.hh"

#include <atomic>

#include <gtest/gtest.h>

#include "core/proc/kernel_thread.hh"
#include "core/sched/balance.hh"
#include "core/sync/event.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

TEST(Thread, RunsItsFunctionOnceAndIsJoined) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine({.cpus = 1 + static_cast<unsigned>(seed % 4), .seed = seed});
    machine.run([] {
      std::atomic<int> runs = 0;
      ThreadHandle thread = host::start({.name = "once"}, [&] { ++runs; });
      EXPECT_TRUE(thread.is_valid());
      thread.join();
      EXPECT_FALSE(thread.is_valid());
      EXPECT_EQ(runs, 1);
    });
  });
}

}  // namespace
}  // namespace weft
