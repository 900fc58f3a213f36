// The monitor: who is held up, that there is a worker more for it, and one less when it goes on.
#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "unit/userlib/coro/pipes.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/watch.hh"
#include "userlib/sys/spin.hh"

namespace weft::coro {
namespace {

bool looks(Watch& watch, unsigned times, uint32_t turn) {
  for (unsigned i = 0; i < times; ++i) watch.sees_same_turn(0, false, turn);
  return watch.is_held_up(0);
}

TEST(Watch, AWorkerIsHeldUpAfterSomeLooksAtTheSameTurn) {
  Watch watch;
  EXPECT_FALSE(looks(watch, Watch::k_patience, 7));  // the first look only notes the turn
  EXPECT_TRUE(looks(watch, 1, 7));
  EXPECT_TRUE(looks(watch, 1000, 7));
}

TEST(Watch, ATurnThatChangesBeginsTheCountAnew) {
  Watch watch;
  EXPECT_FALSE(looks(watch, Watch::k_patience, 7));
  EXPECT_FALSE(looks(watch, Watch::k_patience, 8));
  EXPECT_TRUE(looks(watch, 1, 8));
  EXPECT_FALSE(looks(watch, 1, 9));
}

TEST(Watch, WhoSleepsIsNotHeldUp) {
  Watch watch;
  EXPECT_TRUE(looks(watch, Watch::k_patience + 1, 7));
  EXPECT_FALSE(watch.sees_same_turn(0, true, 7));
  EXPECT_FALSE(watch.is_held_up(0));
  EXPECT_FALSE(looks(watch, Watch::k_patience - 1, 7));
}

TEST(Watch, OneIsNotTakenForTheOther) {
  Watch watch;
  EXPECT_TRUE(looks(watch, Watch::k_patience + 1, 7));
  EXPECT_FALSE(watch.sees_same_turn(1, false, 7));
  EXPECT_FALSE(watch.is_held_up(1));
}

TEST(Watch, WhoeverSearchedMeanwhileHasAHandFree) {
  Watch watch;
  EXPECT_FALSE(watch.all_have_work(3));
  EXPECT_TRUE(watch.all_have_work(3));
  EXPECT_TRUE(watch.all_have_work(3));
  EXPECT_FALSE(watch.all_have_work(4));
  EXPECT_TRUE(watch.all_have_work(4));
}

// Who runs out of work waits a little before it sleeps, but not for those who sleep, nor on the CPU of those
// who work.
TEST(Searching, WaitsForOthersThatWorkOnCpusOfTheirOwn) {
  Scheduler scheduler({.mode = Mode::shared, .workers = 2});
  EXPECT_EQ(scheduler.others_work_beside(scheduler.worker(0)), sys::cpu_count() >= 2);
  scheduler.mark_idle(scheduler.worker(1));
  EXPECT_FALSE(scheduler.others_work_beside(scheduler.worker(0)));
  EXPECT_EQ(scheduler.others_work_beside(scheduler.worker(1)), sys::cpu_count() >= 2);
}

TEST(Searching, DoesNotWaitWhereWorkersAreMoreThanCpus) {
  Scheduler scheduler({.mode = Mode::shared, .workers = sys::cpu_count() + 1});
  EXPECT_FALSE(scheduler.others_work_beside(scheduler.worker(0)));
  scheduler.want_workers(1);
  ASSERT_TRUE(scheduler.try_mark_resting(scheduler.worker(0)));
  EXPECT_EQ(scheduler.others_work_beside(scheduler.worker(1)), sys::cpu_count() >= 2);
}

TEST(Resting, AsManyRestAsAreTooMany) {
  Scheduler scheduler({.mode = Mode::shared, .workers = 3});
  EXPECT_FALSE(scheduler.has_surplus());
  EXPECT_FALSE(scheduler.try_mark_resting(scheduler.worker(0)));
  scheduler.want_workers(1);
  EXPECT_TRUE(scheduler.has_surplus());
  EXPECT_TRUE(scheduler.try_mark_resting(scheduler.worker(2)));
  EXPECT_TRUE(scheduler.try_mark_resting(scheduler.worker(0)));
  EXPECT_FALSE(scheduler.try_mark_resting(scheduler.worker(1)));
  EXPECT_EQ(scheduler.resting_count(), 2u);
  EXPECT_FALSE(scheduler.has_surplus());
  scheduler.want_workers(2);
  EXPECT_TRUE(scheduler.lacks_workers());
  scheduler.unmark_resting(scheduler.worker(0));
  EXPECT_FALSE(scheduler.lacks_workers());
}

TEST(Resting, AllAreIdleWhenSomeSleepAndTheOthersRest) {
  Scheduler scheduler({.mode = Mode::shared, .workers = 2});
  scheduler.want_workers(1);
  scheduler.mark_idle(scheduler.worker(0));
  EXPECT_FALSE(scheduler.all_idle());
  EXPECT_TRUE(scheduler.try_mark_resting(scheduler.worker(1)));
  EXPECT_TRUE(scheduler.all_idle());
}

TEST(Monitor, ACallThatBlocksTheOnlyWorkerDoesNotStopTheOthers) {
  coro::run({.mode = Mode::shared, .workers = 1}, [] {
    Pipe pipe;
    auto other = go([&] { EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1); });
    char byte;
    EXPECT_EQ(::read(pipe.ends[0], &byte, 1), 1);  // plainly: nobody told the runtime
    other.join();
  });
}

TEST(Monitor, ACoroutineThatNeverYieldsDoesNotStopTheOthers) {
  coro::run({.mode = Mode::shared, .workers = 1}, [] {
    Atomic<bool> stop{false};
    auto other = go([&] { stop.store(true, relaxed); });
    while (!stop.load(relaxed)) {
    }
    other.join();
  });
}

TEST(Monitor, WhenTheWorkerGoesOnOneOfThemRests) {
  coro::run({.mode = Mode::shared, .workers = 1}, [] {
    Atomic<bool> more{true};
    for (int round = 0; round < 3; ++round) {
      Pipe pipe;
      auto other = go([&] { EXPECT_EQ(::write(pipe.ends[1], "x", 1), 1); });
      char byte;
      EXPECT_EQ(::read(pipe.ends[0], &byte, 1), 1);
      other.join();
      auto busy = go([&] {
        while (more.load(relaxed)) yield();
      });
      while (figures().workers - figures().resting > 1) yield();
      more.store(false, relaxed);
      busy.join();
      more.store(true, relaxed);
    }
  });
}

// Those whose timers a resting worker has go on.
TEST(Monitor, WhoWaitsForATimerOfAWorkerThatRestsGoesOn) {
  coro::run({.mode = Mode::shared, .workers = 2}, [] {
    Scheduler& scheduler = *Scheduler::running();
    for (int round = 0; round < 50; ++round) {
      std::vector<handle<void>> sleepers;
      for (int i = 0; i < 20; ++i) {
        sleepers.push_back(go([] { sleep_for(k_millisecond); }));
      }
      yield();
      scheduler.want_workers(1);
      for (auto& each : sleepers) each.join();
      scheduler.want_workers(2);
    }
  });
}

}  // namespace
}  // namespace weft::coro
