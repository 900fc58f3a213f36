// Clocks by number, limits, and how usage adds up.
#include "core/proc/clock.hh"

#include <gtest/gtest.h>

#include "core/proc/limits.hh"
#include "core/proc/usage.hh"
#include "core/sched/time_values.hh"

namespace weft {
namespace {

using proc::ClockKind;

TEST(Clock, FixedNumbers) {
  EXPECT_EQ(proc::find_clock(0)->kind, ClockKind::real);
  EXPECT_EQ(proc::find_clock(1)->kind, ClockKind::monotonic);
  EXPECT_TRUE(proc::find_clock(7)->has_timers);
  EXPECT_FALSE(proc::find_clock(5)->has_timers) << "nobody can wait for a coarse clock";
  EXPECT_EQ(proc::find_clock(50).error(), Errno::inval);
}

TEST(Clock, NumbersOfCpuClocksNameTheirOwner) {
  constexpr int32_t k_pid = 4711;
  const auto process = proc::find_clock(~k_pid << 3 | 2);
  ASSERT_TRUE(process.has_value());
  EXPECT_EQ(process->kind, ClockKind::process_cpu);
  EXPECT_EQ(process->id, k_pid);
  const auto thread = proc::find_clock(~k_pid << 3 | 4 | 1);
  ASSERT_TRUE(thread.has_value());
  EXPECT_EQ(thread->kind, ClockKind::thread_cpu);
  EXPECT_TRUE(thread->is_user_time_only);
  EXPECT_EQ(proc::find_clock(~k_pid << 3 | 3).error(), Errno::inval);
}

TEST(Limits, ACopyIsItsOwn) {
  proc::Limits parent, child;
  EXPECT_EQ(parent.soft(abi::k_rlimit_nofile), 1024u);
  EXPECT_EQ(parent.of_memory().stack, 8u << 20);
  parent.set(abi::k_rlimit_data, {5, 6});
  child.copy_from(parent);
  parent.set(abi::k_rlimit_data, {7, 8});
  EXPECT_EQ(child.soft(abi::k_rlimit_data), 5u);
  EXPECT_EQ(child.hard(abi::k_rlimit_data), 6u);
}

TEST(Usage, AddsUpButForTheLargest) {
  proc::Usage one{.user_time = 1, .system_time = 2, .faults = 3, .most_resident = 10};
  one.add({.user_time = 10, .system_time = 20, .faults = 30, .most_resident = 7});
  EXPECT_EQ(one.user_time, 11u);
  EXPECT_EQ(one.system_time, 22u);
  EXPECT_EQ(one.faults, 33u);
  EXPECT_EQ(one.most_resident, 10u);
}

TEST(TimeValues, RangesAndLimits) {
  EXPECT_FALSE(sched::is_valid(abi::Timespec{0, 1'000'000'000}));
  EXPECT_FALSE(sched::is_valid(abi::Timespec{0, -1}));
  EXPECT_FALSE(sched::is_valid(abi::Timeval{-1, 0}));
  EXPECT_EQ(sched::to_nanoseconds(abi::Timespec{2, 5}), 2'000'000'005u);
  EXPECT_EQ(sched::to_nanoseconds(abi::Timespec{INT64_MAX, 0}), sched::k_farthest);
  EXPECT_EQ(sched::to_timespec(2'000'000'005).nanoseconds, 5);
  EXPECT_EQ(sched::to_timeval(2'000'005'999).microseconds, 5);
}

}  // namespace
}  // namespace weft
