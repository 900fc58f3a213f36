// What a panic tells of the running thread.
#include "core/sched/describe.hh"

#include <string>

#include <gtest/gtest.h>

#include "core/sync/mutex.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

std::string description() {
  host::clear_log();
  sched::describe_current();
  return host::log_text();
}

TEST(Describe, NamesTheThreadItsLocksAndTheLastEvents) {
  host::Machine machine;
  machine.run([] {
    host::start({.name = "worker", .priority = 33}, [] {
      EXPECT_NE(description().find("\"worker\", priority 33, Running\n"), std::string::npos);
      EXPECT_NE(description().find("locks:   none noted\n"), std::string::npos);
      EXPECT_NE(description().find("last events of CPU 0:\n"), std::string::npos);
      Mutex mutex(Rank::user);
      MutexGuard guard(mutex);
      SpinLock spin(Rank::user_spin);
      SpinGuard spin_guard(spin);
      const std::string text = description();
      const size_t sleeping = text.find("rank 10, taken at\n    ");
      const size_t spinning = text.find("rank 110, taken at\n    ");
      EXPECT_NE(sleeping, std::string::npos) << text;
      EXPECT_NE(spinning, std::string::npos) << text;
      EXPECT_LT(sleeping, spinning);
    }).join();
  });
}

}  // namespace
}  // namespace weft
