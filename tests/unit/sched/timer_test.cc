// Timers, against a sorted list.
#include "core/sched/timer.hh"

#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "core/sched/cpu.hh"
#include "core/sync/irq_guard.hh"
#include "unit/support/machine.hh"
#include "unit/support/random.hh"
#include "unit/support/threads.hh"

namespace weft {
namespace {

using host::Machine;
using sched::Timer;

// A timer that notes when it ran, and as which of all.
struct Alarm {
  explicit Alarm(int& ran_in_all)
      : timer(
            [](void* argument) {
              auto& alarm = *static_cast<Alarm*>(argument);
              EXPECT_FALSE(hal::irq_enabled());
              EXPECT_EQ(alarm.place, -1);
              alarm.place = alarm.ran_in_all++;
              alarm.ran_at = hal::now();
            },
            this),
        ran_in_all(ran_in_all) {}

  Timer timer;
  int& ran_in_all;
  Instant deadline = 0;
  Instant ran_at = 0;
  int place = -1;
};

TEST(Timer, RunInTheOrderOfTheirDeadlines) {
  host::for_seeds(60, [](uint64_t seed) {
    Machine machine({.cpus = 1 + static_cast<unsigned>(seed % 3), .seed = seed});
    machine.run([seed] {
      // All timers on one CPU.
      ASSERT_TRUE(sched::set_cpu_mask(*hal::current(), 1).has_value());
      host::Random random(seed);
      int ran_in_all = 0;
      std::vector<std::unique_ptr<Alarm>> alarms;
      std::multimap<Instant, Alarm*> expected;  // equal ones in the order of starting
      const Instant start = hal::now();
      for (int i = 0; i < 30; ++i) {
        Alarm& alarm = *alarms.emplace_back(std::make_unique<Alarm>(ran_in_all));
        // Some equal, some so close that one interrupt could serve both: it must not.
        alarm.deadline =
            start + k_millisecond + random.below(10) * 100 * k_microsecond + random.below(4) * 100;
      }
      {
        IrqGuard none_runs_yet;
        for (auto& alarm : alarms) alarm->timer.start(alarm->deadline);
        for (auto& alarm : alarms) {
          if (random.once_in(4)) {
            EXPECT_TRUE(alarm->timer.cancel());
            EXPECT_FALSE(alarm->timer.cancel());
          } else {
            expected.emplace(alarm->deadline, alarm.get());
          }
        }
      }
      sched::sleep_until(start + 4 * k_millisecond);
      int place = 0;
      for (const auto& [deadline, alarm] : expected) {
        EXPECT_EQ(alarm->place, place++);
        EXPECT_GE(alarm->ran_at, deadline);
        EXPECT_FALSE(alarm->timer.cancel());  // it has run
      }
      EXPECT_EQ(ran_in_all, static_cast<int>(expected.size()));
    });
  });
}

TEST(Timer, ADeadlineThatHasPassedRunsAtOnce) {
  Machine machine;
  machine.run([] {
    int ran = 0;
    Alarm alarm(ran);
    alarm.timer.start(0);
    while (ran == 0) hal::relax();
  });
}

TEST(Timer, CanBeStartedAgain) {
  Machine machine;
  machine.run([] {
    int ran = 0;
    Alarm alarm(ran);
    EXPECT_FALSE(alarm.timer.cancel());  // never started
    for (int round = 1; round <= 3; ++round) {
      alarm.place = -1;
      alarm.timer.start(hal::now() + k_microsecond);
      while (ran < round) hal::relax();
    }
  });
}

TEST(Timer, AQueueKnowsItsNextDeadline) {
  Machine machine;
  machine.run([] {
    IrqGuard same_cpu;
    int ran = 0;
    Alarm early(ran);
    Alarm late(ran);
    sched::TimerQueue& queue = sched::this_cpu().timers;
    EXPECT_EQ(queue.next_deadline(), k_never);
    late.timer.start(2 * k_second);
    early.timer.start(k_second);
    EXPECT_EQ(queue.next_deadline(), k_second);
    EXPECT_TRUE(early.timer.cancel());
    EXPECT_EQ(queue.next_deadline(), 2 * k_second);
    EXPECT_TRUE(late.timer.cancel());
  });
}

// cancel() from another CPU: after it, the action is not running, so what it uses may go.
TEST(Timer, CancelWaitsForARunningAction) {
  host::for_seeds(60, [](uint64_t seed) {
    Machine machine({.cpus = 2, .seed = seed});
    machine.run([] {
      struct Slow {
        Timer timer{[](void* argument) {
                      auto& slow = *static_cast<Slow*>(argument);
                      slow.is_running.store(true, relaxed);
                      for (int i = 0; i < 5; ++i) hal::relax();
                      slow.is_running.store(false, relaxed);
                    },
                    this};
        Atomic<bool> is_running{false};
      };
      for (int round = 0; round < 5; ++round) {
        Slow slow;
        host::start({.cpu_mask = 1}, [&] {
          slow.timer.start(hal::now() + 2 * k_microsecond);
        }).join();
        host::start({.cpu_mask = 2}, [&] {
          slow.timer.cancel();
          EXPECT_FALSE(slow.is_running.load(relaxed));
        }).join();
      }
    });
  });
}

TEST(TimerDeathTest, ATimerIsCancelledBeforeItDies) {
  const auto drop_running = [] {
    Machine machine;
    machine.run([] {
      int ran = 0;
      Alarm alarm(ran);
      alarm.timer.start(k_never - 1);
    });
  };
  EXPECT_DEATH(drop_running(), "a timer is cancelled before it dies");
}

// An action without the queue's lock: it takes locks of its own and starts its timer again.
TEST(Timer, AFreeActionMayStartItsTimerAnew) {
  Machine machine({.cpus = 2});
  machine.run([] {
    struct Ticker {
      SpinLock lock{Rank::user_spin};
      int ticks = 0;
      Timer timer{[](void* argument) {
                    auto& self = *static_cast<Ticker*>(argument);
                    SpinGuard guard(self.lock);
                    ++self.ticks;
                    self.timer.start(hal::now() + k_millisecond);
                  },
                  this, Timer::Lock::free};
    };
    Ticker ticker;
    ticker.timer.start(hal::now() + k_millisecond);
    sched::sleep_for(20 * k_millisecond);
    ticker.timer.end();
    const int ticks = ticker.ticks;
    EXPECT_GE(ticks, 5);
    sched::sleep_for(5 * k_millisecond);
    EXPECT_EQ(ticker.ticks, ticks) << "after end() it never runs";
  });
}

}  // namespace
}  // namespace weft
