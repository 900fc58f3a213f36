// The rules of rr and prio, one by one (rr.hh, prio.hh).
#include <gtest/gtest.h>

#include "core/sched/prio.hh"
#include "core/sched/rr.hh"
#include "core/sched/turn.hh"
#include "unit/sched/policy_world.hh"
#include "unit/support/seeds.hh"

namespace weft::sched {
namespace {

TEST(RoundRobinRules, EachHasOneQuantumInTheOrderOfArrival) {
  RoundRobin policy;
  World world(policy);
  Job& a = world.spawn();
  Job& b = world.spawn();
  Job& c = world.spawn();
  for (int round = 0; round < 3; ++round) {
    for (Job* job : {&a, &b, &c}) {
      EXPECT_EQ(world.running(), job);
      world.run(k_quantum - 1);
      EXPECT_EQ(world.running(), job);
      world.run(1);
    }
  }
  EXPECT_EQ(a.service, 3 * k_quantum);
}

TEST(RoundRobinRules, ATaskThatYieldsOrBlocksLosesTheRestOfItsTurn) {
  RoundRobin policy;
  World world(policy);
  Job& a = world.spawn();
  Job& b = world.spawn();
  world.run(k_quantum / 2);
  world.yield();
  EXPECT_EQ(world.running(), &b);
  world.run(k_quantum / 2);
  world.block();
  EXPECT_EQ(world.running(), &a);
  world.wake(b);
  EXPECT_EQ(policy.turn_left(a), k_quantum);
  world.run(k_quantum);
  EXPECT_EQ(world.running(), &b);
  EXPECT_EQ(policy.turn_left(b), k_quantum);
}

TEST(RoundRobinRules, TurnsFollowOneAnotherWhenNobodyWaits) {
  RoundRobin policy;
  World world(policy);
  Job& alone = world.spawn();
  world.run(5 * k_quantum + k_quantum / 4);
  Job& newcomer = world.spawn();
  EXPECT_EQ(world.running(), &alone);
  EXPECT_EQ(policy.turn_left(alone), k_quantum * 3 / 4);
  world.run(k_quantum);
  EXPECT_EQ(world.running(), &newcomer);
}

TEST(RoundRobinRules, WhoComesAtTheEndOfATurnIsNext) {
  RoundRobin policy;
  World world(policy);
  world.spawn();
  world.run(3 * k_quantum);
  Job& newcomer = world.spawn();
  EXPECT_EQ(world.running(), &newcomer);
}

TEST(FixedPriorityRules, TheHighestPriorityRunsAtOnce) {
  FixedPriority policy;
  World world(policy);
  Job& low = world.spawn(k_lowest_priority);
  EXPECT_EQ(world.running(), &low);
  Job& high = world.spawn(k_highest_priority);
  EXPECT_EQ(world.running(), &high);
  Job& middle = world.spawn(k_normal_priority);
  EXPECT_EQ(world.running(), &high);
  world.run(100 * k_quantum);  // for as long as it likes
  EXPECT_EQ(world.running(), &high);
  world.block();
  EXPECT_EQ(world.running(), &middle);
  world.end();
  EXPECT_EQ(world.running(), &low);
}

TEST(FixedPriorityRules, EqualsTakeTurns) {
  FixedPriority policy;
  World world(policy);
  Job& a = world.spawn(5);
  Job& b = world.spawn(5);
  world.spawn(4);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(world.running(), &a);
    world.run(k_quantum);
    EXPECT_EQ(world.running(), &b);
    world.run(k_quantum);
  }
}

TEST(FixedPriorityRules, TheInterruptedComesBackToTheFrontWithTheRestOfItsTurn) {
  FixedPriority policy;
  World world(policy);
  Job& interrupted = world.spawn(5);
  Job& equal = world.spawn(5);
  world.run(k_quantum / 4);
  Job& urgent = world.spawn(6);
  EXPECT_EQ(world.running(), &urgent);
  world.run(k_quantum / 2);
  world.end();
  EXPECT_EQ(world.running(), &interrupted);
  EXPECT_EQ(policy.turn_left(interrupted), k_quantum * 3 / 4);
  world.run(k_quantum);
  EXPECT_EQ(world.running(), &equal);
}

TEST(FixedPriorityRules, AnInheritedPriorityCountsAsIfItWereItsOwn) {
  FixedPriority policy;
  World world(policy);
  Job& owner = world.spawn(1);
  Job& middle = world.spawn(5);
  EXPECT_EQ(world.running(), &middle);
  world.change(owner, &Task::inherited, 9);
  EXPECT_EQ(world.running(), &owner);
  EXPECT_FALSE(policy.preempts(middle, owner));
  world.change(owner, &Task::inherited, k_lowest_priority);
  EXPECT_EQ(world.running(), &middle);
}

TEST(FixedPriorityRules, GivesAwayTheLeastUrgent) {
  FixedPriority policy;
  World world(policy);
  world.spawn(50);
  world.spawn(40);
  Job& least = world.spawn(2);
  world.spawn(30);
  EXPECT_EQ(world.send_away(), &least);
}

TEST(FixedPriorityRules, NobodyRunsWhileAMoreUrgentOneWaits) {
  host::for_seeds(40, [](uint64_t seed) {
    host::Random random(seed);
    FixedPriority policy;
    World world(policy);
    for (int step = 0; step < 3000; ++step) {
      world.random_step(random, 20);
      for (const auto& job : world.jobs()) {
        if (job->place != Job::Place::queued) continue;
        ASSERT_GE(world.running()->effective_priority(), job->effective_priority()) << step;
      }
    }
  });
}

}  // namespace
}  // namespace weft::sched
