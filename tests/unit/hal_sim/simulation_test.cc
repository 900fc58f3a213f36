// The simulated machine itself: repeatable, with a clock of its own, and able to tell when it is stuck.
#include "unit/hal_sim/simulation.hh"

#include <array>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/sync/irq_guard.hh"
#include "core/sync/mutex.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

// Deadlocks are made on purpose here.
#pragma clang diagnostic ignored "-Wthread-safety-analysis"

namespace weft {
namespace {

using host::Machine;

// Four threads on three CPUs push each other about; which one does what when is the result.
std::string run_some_threads(uint64_t seed) {
  std::string story;
  Machine machine({.cpus = 3, .seed = seed});
  machine.run([&] {
    host::Record record;
    host::Crew crew;
    Mutex mutex(Rank::user);
    crew.add_many(4, [&](unsigned number) {
      for (int round = 0; round < 5; ++round) {
        MutexGuard guard(mutex);
        record.add(static_cast<int>(number));
        hal::relax();
      }
    });
    crew.join();
    for (const int number : record.all()) story += std::to_string(number);
    story += " at " + std::to_string(hal::now());
    story += " after " + std::to_string(sim::Simulation::the().steps());
  });
  return story;
}

TEST(Simulation, ASeedRepeatsItsRunExactly) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(run_some_threads(seed), run_some_threads(seed));
  }
}

TEST(Simulation, SeedsDiffer) {
  std::set<std::string> stories;
  for (uint64_t seed = 1; seed <= 20; ++seed) stories.insert(run_some_threads(seed));
  EXPECT_GE(stories.size(), 19u);
}

// When all CPUs halt, the clock jumps: a year costs no more than a second.
TEST(Simulation, AnIdleMachineCostsNothing) {
  Machine machine({.cpus = 4});
  machine.run([] {
    const uint64_t steps = sim::Simulation::the().steps();
    sched::sleep_for(365 * 24 * 3600 * k_second);
    EXPECT_LT(sim::Simulation::the().steps() - steps, 200u);
    EXPECT_GE(hal::now(), 365 * 24 * 3600 * k_second);
  });
}

// A chooser that lets each CPU make one step in turn, and counts what it was asked.
class TakeTurns final : public sim::Chooser {
 public:
  explicit TakeTurns(uint64_t& questions) : questions_(questions) {}
  unsigned next_cpu(const sim::Moment& moment, std::span<const unsigned> able) override {
    ++questions_;
    for (const unsigned cpu : able) {
      if (cpu > moment.cpu) return cpu;
    }
    return able[0];
  }
  Nanoseconds elapse(const sim::Moment&, Nanoseconds) override { return 100; }

 private:
  uint64_t& questions_;
};

TEST(Simulation, AnyChooserCanDriveIt) {
  uint64_t questions = 0;
  for (int round = 0; round < 2; ++round) {
    sim::Simulation::the().set_chooser(std::make_unique<TakeTurns>(questions));
    const uint64_t before = questions;
    const std::string first = run_some_threads(1);
    EXPECT_GT(questions, before);
    sim::Simulation::the().set_chooser(std::make_unique<TakeTurns>(questions));
    EXPECT_EQ(first, run_some_threads(2));  // the seed has no say
  }
  const uint64_t before = questions;
  run_some_threads(1);
  EXPECT_EQ(questions, before);  // a chooser is used up by one run
}

TEST(Simulation, PointsHaveNames) {
  EXPECT_STREQ(sim::point_name(sim::Point::interrupts_off), "interrupts off");
  EXPECT_STREQ(sim::point_name(sim::Point::halt), "halt");
}

TEST(Simulation, WithoutAMachineTheCallerIsCpu0) {
  EXPECT_EQ(hal::cpu_count(), 1u);
  EXPECT_EQ(hal::cpu_id(), 0u);
  EXPECT_TRUE(hal::irq_enabled());
  ASSERT_NE(hal::current(), nullptr);
  EXPECT_EQ(hal::current()->name(), "idle");
  {
    IrqGuard irqs_off;
    EXPECT_FALSE(hal::irq_enabled());
  }
  hal::relax();
  EXPECT_TRUE(hal::irq_enabled());
}

TEST(Simulation, KnowsTheCallsThatLedHere) {
  const auto count_calls = [] {
    std::array<uintptr_t, 32> addresses{};
    const size_t count = hal::backtrace(addresses);
    for (size_t i = 0; i < count; ++i) EXPECT_NE(addresses[i], 0u);
    return count;
  };
  EXPECT_GE(count_calls(), 1u);
  Machine machine;
  machine.run([&] {
    EXPECT_GT(count_calls(), 3u);  // down to the first code of the thread, and no further
    EXPECT_LT(count_calls(), 12u);
  });
}

TEST(SimulationDeathTest, ADeadlockNamesTheThreadsThatWait) {
  const auto deadlock = [] {
    Machine machine({.cpus = 2, .seed = 4});
    machine.run([] {
      Semaphore never(0);
      host::start({.name = "waits-for-ever"}, [&] { never.acquire(); }).join();
    });
  };
  EXPECT_DEATH(deadlock(), "waits-for-ever +Waiting");
  EXPECT_DEATH(deadlock(), "machine stopped: deadlock: every CPU halts.*\n.*CPU . of 2 .*seed 4");
}

TEST(SimulationDeathTest, AMachineThatRunsWildIsStopped) {
  const auto run_wild = [] {
    sim::Simulation::the().set_most_steps(10'000);
    Machine machine;
    machine.run([] {
      for (;;) hal::relax();
    });
  };
  EXPECT_DEATH(run_wild(), "the machine has run wild: too many steps");
}

TEST(SimulationDeathTest, ABusyWaitWithoutAMachineIsStopped) {
  const auto wait_alone = [] {
    sim::Simulation::the().set_most_steps(10'000);
    for (;;) hal::relax();
  };
  EXPECT_DEATH(wait_alone(), "a busy wait that nobody can end");
}

// What the core must not do to a context, with two that are made by hand.
TEST(SimulationDeathTest, AContextRunsOnOneCpuOnly) {
  const auto run_twice = [] {
    Machine machine({.cpus = 2, .seed = 1});
    machine.run([] {
      Atomic<bool> is_running{false};
      ThreadHandle other = host::start({.cpu_mask = 2}, [&] {
        is_running.store(true, release);
        for (;;) hal::relax();
      });
      while (!is_running.load(acquire)) hal::relax();
      hal::irq_save();
      hal::switch_context(hal::current()->context, other->context);
    });
  };
  EXPECT_DEATH(run_twice(), "a context is switched to while");
}

TEST(SimulationDeathTest, ARunningContextIsNotDropped) {
  const auto drop_running = [] {
    Machine machine;
    machine.run([] { hal::drop_context(hal::current()->context); });
  };
  EXPECT_DEATH(drop_running(), "a context is dropped while it runs");
}

TEST(SimulationDeathTest, TheRulesOfHal) {
  const auto halt = [] { hal::wait_for_interrupt(); };
  EXPECT_DEATH(halt(), "wait_for_interrupt with interrupts on");
  EXPECT_DEATH(hal::arm_timer(1), "arm_timer with interrupts on");
  const auto switch_context = [] {
    hal::Context context;
    hal::switch_context(context, context);
  };
  EXPECT_DEATH(switch_context(), "switch_context with interrupts on");
}

}  // namespace
}  // namespace weft
