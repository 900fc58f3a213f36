// The mechanism: yield, sleep, preemption, priorities at work, several CPUs, and who pays for time.
#include "core/sched/scheduler.hh"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "core/sched/balance.hh"
#include "core/sched/cpu.hh"
#include "core/sync/event.hh"
#include "core/sync/irq_guard.hh"
#include "core/sync/semaphore.hh"
#include "unit/support/machine.hh"
#include "unit/support/random.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;

unsigned current_cpu() {
  IrqGuard stays_here;
  return hal::cpu_id();
}

TEST(Scheduler, KnowsItsPolicy) {
  for (const sched::PolicyKind kind : sched::k_all_policies) {
    Machine machine({.policy = kind});
    machine.run([&] { EXPECT_EQ(sched::policy_kind(), kind); });
  }
}

TEST(Scheduler, ASleepIsNeverTooShort) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine(host::options_for(seed));
    machine.run([seed] {
      host::Crew crew;
      crew.add_many(4, [seed](unsigned number) {
        host::Random random(seed * 10 + number);
        for (int round = 0; round < 10; ++round) {
          const Instant deadline = hal::now() + random.below(300) * k_microsecond;
          sched::sleep_until(deadline);
          EXPECT_GE(hal::now(), deadline);
        }
        const Instant start = hal::now();
        sched::sleep_for(50 * k_microsecond);
        EXPECT_GE(hal::now(), start + 50 * k_microsecond);
        sched::sleep_until(0);  // long past
      });
    });
  });
}

// Alone on a CPU, two threads of one priority take turns at each yield.
TEST(Scheduler, YieldGivesTheCpuToTheOther) {
  for (const sched::PolicyKind kind : {sched::PolicyKind::rr, sched::PolicyKind::prio}) {
    Machine machine({.cpus = 1, .policy = kind});
    machine.run([] {
      host::Record record;
      Event may_start;
      host::Crew crew;
      for (const int number : {0, 1}) {
        host::await_blocked(crew.add([&, number] {
          may_start.wait();
          for (int round = 0; round < 3; ++round) {
            record.add(number);
            sched::yield();
          }
        }),
                            BlockReason::waiting);
      }
      may_start.set();
      crew.join();
      EXPECT_EQ(record.all(), std::vector<int>({0, 1, 0, 1, 0, 1}));
    });
  }
}

// A thread that never gives the CPU away does not stop the others: the timer takes it from it.
TEST(Scheduler, PreemptsAThreadThatNeverYields) {
  host::for_seeds(20, [](uint64_t seed) {
    host::MachineOptions options = host::options_for(seed);
    options.cpus = 1;
    Machine machine(options);
    machine.run([] {
      Atomic<bool> other_ran{false};
      host::Crew crew;
      crew.add([&] { other_ran.store(true, release); });
      while (!other_ran.load(acquire)) hal::relax();
    });
  });
}

TEST(Scheduler, AMoreUrgentThreadRunsAtOnce) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine({.cpus = 1, .seed = seed, .policy = sched::PolicyKind::prio});
    machine.run([] {
      bool has_run = false;
      ThreadHandle urgent = host::start({.priority = 40}, [&] { has_run = true; });
      EXPECT_TRUE(has_run);  // before spawn() returned
      urgent.join();

      // Raised above the running thread, it runs before set_priority() returns; so does one that
      // the running thread falls below.
      has_run = false;
      ThreadHandle raised = host::start({.priority = 20}, [&] { has_run = true; });
      EXPECT_FALSE(has_run);
      sched::set_priority(*raised, 40);
      EXPECT_TRUE(has_run);
      raised.join();

      has_run = false;
      ThreadHandle other = host::start({.priority = 20}, [&] { has_run = true; });
      sched::set_priority(*hal::current(), 10);
      EXPECT_TRUE(has_run);
      other.join();
    });
  });
}

TEST(Scheduler, NicenessChangesWhileRunningAndWaiting) {
  host::for_seeds(10, [](uint64_t seed) {
    Machine machine({.cpus = 1, .seed = seed, .policy = sched::PolicyKind::fair});
    machine.run([] {
      Atomic<bool> may_end{false};
      host::Crew crew;
      Thread& nicer = crew.add([&] {
        while (!may_end.load(relaxed)) hal::relax();
      });
      Thread& other = crew.add([&] {
        while (!may_end.load(relaxed)) hal::relax();
      });
      sched::set_nice(nicer, 10);
      sched::set_nice(*hal::current(), -5);
      EXPECT_EQ(sched::view_thread(nicer).nice, 10);
      sched::sleep_for(300 * k_millisecond);
      // About a tenth of the other's, by the weights.
      EXPECT_LT(sched::cpu_time(nicer) * 3, sched::cpu_time(other));
      may_end.store(true, relaxed);
    });
  });
}

// Each nanosecond of a CPU is paid by exactly one thread.
TEST(Scheduler, AllCpuTimeIsPaidFor) {
  host::for_seeds(20, [](uint64_t seed) {
    host::MachineOptions options = host::options_for(seed);
    options.cpus = 1;
    Machine machine(options);
    machine.run([] {
      Semaphore may_end(0);
      host::Crew crew;
      crew.add_many(3, [&](unsigned number) {
        for (int round = 0; round < 20; ++round) {
          hal::relax();
          if (number > 0) sched::sleep_for(number * k_microsecond);
        }
        may_end.acquire();  // so that it is still there to be asked
      });
      sched::sleep_for(k_millisecond);
      const Instant before = hal::now();
      std::array<sched::ThreadView, 16> views;
      const size_t count = sched::view_threads(views);
      Nanoseconds paid = sched::view_thread(sched::cpus[0].idle).cpu_time;
      for (size_t i = 0; i < count; ++i) paid += views[i].cpu_time;
      EXPECT_LE(paid, hal::now());
      EXPECT_GE(paid + 20 * k_microsecond, before);  // what went by before the clock started
      may_end.release(3);
    });
  });
}

TEST(Scheduler, AThreadSeesItsOwnCpuTimeGrow) {
  Machine machine;
  machine.run([] {
    const Nanoseconds start = sched::cpu_time(*hal::current());
    while (sched::cpu_time(*hal::current()) < start + k_millisecond) hal::relax();
    const Nanoseconds before = sched::cpu_time(*hal::current());
    sched::sleep_for(100 * k_millisecond);  // costs it nothing
    EXPECT_LT(sched::cpu_time(*hal::current()), before + 60 * k_millisecond);
  });
}

// As many threads as CPUs: all of them run at the same time, or this never ends.
TEST(Balance, RunnableThreadsUseAllCpus) {
  host::for_seeds(20, [](uint64_t seed) {
    host::MachineOptions options = host::options_for(seed);
    options.cpus = 4;
    Machine machine(options);
    machine.run([] {
      Atomic<unsigned> here{0};
      host::Crew crew;
      crew.add_many(4, [&](unsigned) {
        PreemptGuard keeps_its_cpu;
        here.fetch_add(1, relaxed);
        while (here.load(relaxed) < 4) hal::relax();
      });
    });
  });
}

// Threads that were bound to one CPU and may now go anywhere spread out by themselves.
TEST(Balance, ALongQueueIsSpread) {
  host::for_seeds(8, [](uint64_t seed) {
    host::MachineOptions options = host::options_for(seed);
    options.cpus = 3;
    Machine machine(options);
    machine.run([] {
      Atomic<unsigned> cpus_used{0};
      host::Crew crew;
      std::vector<Thread*> threads;
      for (int i = 0; i < 4; ++i) {
        threads.push_back(&crew.add({.cpu_mask = 1}, [&] {
          while (cpus_used.load(relaxed) != 7) {
            cpus_used.fetch_or(1u << current_cpu(), relaxed);
            hal::relax();
          }
        }));
      }
      for (Thread* thread : threads) {
        EXPECT_TRUE(sched::set_cpu_mask(*thread, k_any_cpu).has_value());
      }
    });
  });
}

TEST(Balance, IdleCpusSteal) {
  uint64_t steals = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Machine machine({.cpus = 4, .seed = seed});
    machine.run([&] {
      host::Crew crew;
      crew.add_many(40, [](unsigned number) {
        for (unsigned i = 0; i < number * 20; ++i) hal::relax();
      });
      crew.join();
      for (const sched::Cpu& cpu : sched::cpus) steals += cpu.counts.steals;
    });
  }
  EXPECT_GT(steals, 0u);
}

TEST(CpuMask, KeepsAThreadOnItsCpus) {
  host::for_seeds(20, [](uint64_t seed) {
    host::MachineOptions options = host::options_for(seed);
    options.cpus = 4;
    Machine machine(options);
    machine.run([] {
      host::Crew crew;
      for (const CpuMask mask : {CpuMask{1}, CpuMask{2}, CpuMask{0b1010}, CpuMask{0b0101}}) {
        crew.add({.cpu_mask = mask}, [mask] {
          for (int round = 0; round < 20; ++round) {
            EXPECT_NE(mask >> current_cpu() & 1, 0u);
            if (round % 3 == 0) sched::yield();
            if (round % 5 == 0) sched::sleep_for(k_microsecond);
            hal::relax();
          }
        });
      }
    });
  });
}

TEST(CpuMask, AThreadMovesItselfAtOnce) {
  host::for_seeds(20, [](uint64_t seed) {
    Machine machine({.cpus = 3, .seed = seed});
    machine.run([seed] {
      host::Random random(seed);
      for (int round = 0; round < 20; ++round) {
        const auto cpu = static_cast<unsigned>(random.below(3));
        ASSERT_TRUE(sched::set_cpu_mask(*hal::current(), CpuMask{1} << cpu).has_value());
        EXPECT_EQ(current_cpu(), cpu);
      }
    });
  });
}

// Whatever state it is in when the mask changes: running, queued or asleep.
TEST(CpuMask, AThreadIsMovedByOthers) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine({.cpus = 3, .seed = seed});
    machine.run([seed] {
      host::Random random(seed);
      Atomic<bool> may_end{false};
      Atomic<unsigned> last_cpu{0};
      host::Crew crew;
      std::vector<Thread*> threads;
      for (unsigned number = 0; number < 3; ++number) {
        threads.push_back(&crew.add([&, number] {
          while (!may_end.load(relaxed)) {
            if (number == 0) last_cpu.store(current_cpu(), relaxed);
            hal::relax();
            if (number == 1) sched::sleep_for(k_microsecond);
            if (number == 2) sched::yield();
          }
        }));
      }
      for (int round = 0; round < 15; ++round) {
        const CpuMask mask = 1 + static_cast<CpuMask>(random.below(7));
        Thread& thread = *threads[random.below(3)];
        EXPECT_TRUE(sched::set_cpu_mask(thread, mask).has_value());
      }
      EXPECT_TRUE(sched::set_cpu_mask(*threads[0], 4).has_value());
      host::await([&] { return last_cpu.load(relaxed) == 2; });
      may_end.store(true, relaxed);
    });
  });
}

// Changed again while it is still on its way to a CPU of the first mask.
TEST(CpuMask, TheLastOneCounts) {
  host::for_seeds(40, [](uint64_t seed) {
    Machine machine({.cpus = 3, .seed = seed});
    machine.run([seed] {
      host::Random random(seed);
      Atomic<bool> may_end{false};
      Atomic<unsigned> last_cpu{0};
      ThreadHandle thread = host::start({}, [&] {
        while (!may_end.load(relaxed)) {
          last_cpu.store(current_cpu(), relaxed);
          hal::relax();
        }
      });
      for (int round = 0; round < 15; ++round) {
        EXPECT_TRUE(sched::set_cpu_mask(*thread, 1u << random.below(3)).has_value());
        for (uint64_t wait = random.below(6); wait > 0; --wait) hal::relax();
        const auto cpu = static_cast<unsigned>(random.below(3));
        EXPECT_TRUE(sched::set_cpu_mask(*thread, 1u << cpu).has_value());
        host::await([&] { return last_cpu.load(relaxed) == cpu; });
      }
      may_end.store(true, relaxed);
      thread.join();
    });
  });
}

// No interrupts for an idle machine, and none for a thread that runs alone.
TEST(Scheduler, TicksOnlyWhenSomebodyWaits) {
  Machine machine({.cpus = 2, .seed = 9});
  machine.run([] {
    const auto interrupts = [] {
      uint64_t sum = 0;
      for (const sched::Cpu& cpu : sched::cpus) sum += cpu.counts.timer_interrupts;
      return sum;
    };
    sched::sleep_for(10 * k_second);
    const uint64_t before = interrupts();
    sched::sleep_for(10 * k_second);
    EXPECT_LE(interrupts(), before + 1);  // the one that ended the sleep

    const Instant start = hal::now();
    while (hal::now() < start + 50 * k_millisecond) hal::relax();
    EXPECT_LE(interrupts(), before + 2);
  });
}

}  // namespace
}  // namespace weft
