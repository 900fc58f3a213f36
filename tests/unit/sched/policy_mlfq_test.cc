// The rules of mlfq, one by one (mlfq.hh).
#include <gtest/gtest.h>

#include "core/sched/mlfq.hh"
#include "unit/sched/policy_world.hh"

namespace weft::sched {
namespace {

constexpr int k_last_level = FeedbackQueues::k_levels - 1;

class FeedbackQueuesRules : public testing::Test {
 protected:
  static constexpr Nanoseconds allotment(int level) { return FeedbackQueues::allotment(level); }
  int level(const Job& job) const { return policy_.level_of(job); }
  // To the end of the second: everybody is lifted.
  void run_to_boost() {
    world_.run_until(round_up(world_.now() + 1, FeedbackQueues::k_boost_period));
    if (world_.running() != nullptr) world_.yield();
  }

  FeedbackQueues policy_;
  World world_{policy_};
};

TEST_F(FeedbackQueuesRules, ALongComputationSinksOneLevelForEachAllotment) {
  Job& job = world_.spawn();
  for (int at = 0; at < k_last_level; ++at) {
    EXPECT_EQ(level(job), at);
    world_.run(allotment(at) - 1);
    EXPECT_EQ(level(job), at);
    world_.run(1);
    EXPECT_EQ(level(job), at + 1);
  }
  world_.run(3 * allotment(k_last_level));
  EXPECT_EQ(level(job), k_last_level);
}

TEST_F(FeedbackQueuesRules, AllotmentsDouble) {
  for (int at = 1; at < FeedbackQueues::k_levels; ++at) {
    EXPECT_EQ(allotment(at), 2 * allotment(at - 1));
  }
}

TEST_F(FeedbackQueuesRules, ANewTaskInterruptsOneThatHasSunk) {
  Job& old = world_.spawn();
  world_.run(allotment(0) + 1);
  Job& fresh = world_.spawn();
  EXPECT_EQ(world_.running(), &fresh);
  world_.run(allotment(0));
  EXPECT_EQ(world_.running(), &old) << "both are at level 1; the interrupted one was first";
}

TEST_F(FeedbackQueuesRules, WithinALevelItIsFirstComeFirstServed) {
  Job& a = world_.spawn();
  Job& b = world_.spawn();
  for (int at = 0; at < FeedbackQueues::k_levels; ++at) {
    for (Job* job : {&a, &b}) {
      EXPECT_EQ(world_.running(), job);
      EXPECT_EQ(level(*job), at);
      world_.run(allotment(at));
    }
  }
  EXPECT_EQ(world_.running(), &a);
}

TEST_F(FeedbackQueuesRules, BlockingJustBeforeTheEndDoesNotKeepTheLevel) {
  Job& gamer = world_.spawn();
  Job& honest = world_.spawn();
  const Nanoseconds piece = allotment(0) * 9 / 10;
  world_.run(piece);
  world_.block();
  EXPECT_EQ(world_.running(), &honest);
  world_.wake(gamer);
  EXPECT_EQ(level(gamer), 0);
  world_.run(allotment(0));
  EXPECT_EQ(world_.running(), &gamer);
  EXPECT_EQ(policy_.turn_left(gamer), allotment(0) - piece);
  world_.run(piece);
  EXPECT_EQ(level(gamer), 1);
}

TEST_F(FeedbackQueuesRules, AfterASecondEverybodyIsLifted) {
  Job& sunk = world_.spawn();
  Job& asleep = world_.spawn();
  world_.run_until(allotment(0) + allotment(0) + allotment(1) + allotment(1) / 2);
  EXPECT_EQ(world_.running(), &asleep);
  EXPECT_EQ(level(asleep), 1);
  world_.block();
  world_.run_until(100 * k_millisecond);
  EXPECT_EQ(level(sunk), k_last_level);
  run_to_boost();
  EXPECT_EQ(level(sunk), 0);
  EXPECT_EQ(policy_.turn_left(sunk), allotment(0));
  world_.wake(asleep);
  EXPECT_EQ(level(asleep), 0);
  EXPECT_EQ(world_.running(), &sunk);
}

TEST_F(FeedbackQueuesRules, TheLiftedKeepTheirOrder) {
  Job& first = world_.spawn();  // will have sunk least
  Job& second = world_.spawn();
  Job& third = world_.spawn();
  world_.run(allotment(0) / 2);
  world_.block();  // `first` keeps level 0
  world_.run_until(500 * k_millisecond);
  ASSERT_EQ(level(second), k_last_level);
  ASSERT_EQ(level(third), k_last_level);
  // At the very moment of the boost: one queued above, one below.
  world_.run_until(FeedbackQueues::k_boost_period - 1);
  Job* below = world_.running() == &second ? &third : &second;
  world_.wake(first);
  ASSERT_EQ(world_.running(), &first);
  world_.run(1);
  world_.yield();
  EXPECT_EQ(level(*below), 0);
  EXPECT_NE(world_.running(), &first) << "who yields goes behind those who were lifted before";
}

TEST_F(FeedbackQueuesRules, AStreamOfNewTasksDoesNotStarveTheOld) {
  Job& old = world_.spawn();
  world_.run(200 * k_millisecond);
  const Nanoseconds before = old.service;
  while (world_.now() < 3 * k_second) {  // more short work than the CPU can do
    world_.spawn();
    world_.spawn();
    world_.run(allotment(0) / 2);
    if (world_.running() != &old) world_.end();
  }
  EXPECT_GT(old.service, before);
}

}  // namespace
}  // namespace weft::sched
