// What every policy promises, whatever its rules.
#include <gtest/gtest.h>

#include <set>

#include "core/sched/fair.hh"
#include "core/sched/mlfq.hh"
#include "core/sched/policy.hh"
#include "core/sched/turn.hh"
#include "unit/sched/policy_world.hh"
#include "unit/support/seeds.hh"

namespace weft::sched {
namespace {

class PolicyContract : public testing::TestWithParam<PolicyKind> {
 protected:
  PolicyContract() : policy_(box_.emplace(GetParam())) {}

  PolicyBox box_;
  Policy& policy_;
};

INSTANTIATE_TEST_SUITE_P(All, PolicyContract, testing::ValuesIn(k_all_policies),
                         [](const auto& info) { return std::string(policy_name(info.param)); });

bool anywhere(const Task&, unsigned) { return true; }
bool nowhere(const Task&, unsigned) { return false; }

TEST_P(PolicyContract, IsFoundByItsName) {
  EXPECT_EQ(policy_.name(), policy_name(GetParam()));
  EXPECT_EQ(find_policy(policy_.name()), GetParam());
}

TEST(PolicyNames, UnknownOnesAreNotFound) {
  EXPECT_EQ(find_policy(""), std::nullopt);
  EXPECT_EQ(find_policy("fai"), std::nullopt);
  EXPECT_EQ(find_policy("fairly"), std::nullopt);
}

TEST_P(PolicyContract, AnEmptyQueueHasNobody) {
  EXPECT_EQ(policy_.size(), 0u);
  EXPECT_EQ(policy_.pick(0), nullptr);
  EXPECT_EQ(policy_.give_away(anywhere, 1), nullptr);
}

// Two worlds in which the same things happen, but in one of them step by step.
TEST_P(PolicyContract, SeveralStepsInOneGoAreTheSameSteps) {
  host::for_seeds(20, [](uint64_t seed) {
    PolicyBox box;
    PolicyBox other_box;
    World one(box.emplace(GetParam()));
    World other(other_box.emplace(GetParam()));
    other.goes_step_by_step = true;
    host::Random random(seed);
    host::Random same_random(seed);
    for (int step = 0; step < 2000; ++step) {
      one.random_step(random, 4);
      other.random_step(same_random, 4);
      const auto id = [](const Job* job) { return job == nullptr ? 0 : job->id; };
      ASSERT_EQ(id(one.running()), id(other.running())) << "step " << step;
    }
  });
}

TEST_P(PolicyContract, PicksEveryTaskOnce) {
  Task tasks[20];
  std::set<Task*> waiting;
  for (Task& task : tasks) {
    task.priority = 20 + waiting.size() % 7;
    task.nice = 3 - static_cast<int>(waiting.size() % 7);
    policy_.enqueue(task, Arrival::fresh, 0);
    waiting.insert(&task);
    EXPECT_EQ(policy_.size(), waiting.size());
    EXPECT_TRUE(task.queued);
  }
  while (!waiting.empty()) {
    Task* task = policy_.pick(0);
    EXPECT_EQ(waiting.erase(task), 1u);
    EXPECT_FALSE(task->queued);
    EXPECT_EQ(policy_.size(), waiting.size());
    policy_.leave(*task);
  }
  EXPECT_EQ(policy_.pick(0), nullptr);
}

TEST_P(PolicyContract, DoesNotPickWhatWasTakenOut) {
  Task tasks[3];
  for (Task& task : tasks) policy_.enqueue(task, Arrival::fresh, 0);
  policy_.dequeue(tasks[1]);
  policy_.leave(tasks[1]);
  EXPECT_EQ(policy_.size(), 2u);
  std::set<Task*> picked{policy_.pick(0), policy_.pick(0)};
  EXPECT_EQ(picked, (std::set<Task*>{&tasks[0], &tasks[2]}));
}

TEST_P(PolicyContract, GivesAwayOnlyWhatMayGo) {
  Task tasks[5];
  for (int i = 0; i < 5; ++i) {
    tasks[i].priority = 10 + i % 3;
    policy_.enqueue(tasks[i], Arrival::fresh, 0);
  }
  EXPECT_EQ(policy_.give_away(nowhere, 1), nullptr);
  EXPECT_EQ(policy_.size(), 5u);

  tasks[2].nice = 7;  // a mark to know it by
  const auto the_marked_one = [](const Task& task, unsigned cpu) {
    return task.nice == 7 && cpu == 7;
  };
  EXPECT_EQ(policy_.give_away(the_marked_one, 6), nullptr);
  EXPECT_EQ(policy_.give_away(the_marked_one, 7), &tasks[2]);
  EXPECT_FALSE(tasks[2].queued);
  EXPECT_EQ(policy_.size(), 4u);
  EXPECT_EQ(policy_.give_away(the_marked_one, 7), nullptr);
  policy_.leave(tasks[2]);
  while (Task* task = policy_.pick(0)) EXPECT_NE(task, &tasks[2]);
}

TEST_P(PolicyContract, GivesAwayTheOneThatWouldRunLast) {
  Task tasks[4];
  for (Task& task : tasks) policy_.enqueue(task, Arrival::fresh, 0);
  EXPECT_EQ(policy_.give_away(anywhere, 1), &tasks[3]);
  policy_.leave(tasks[3]);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(policy_.pick(0), &tasks[i]);
}

TEST_P(PolicyContract, ATaskThatHasLeftPaysNothing) {
  Task task;
  policy_.enqueue(task, Arrival::fresh, 0);
  policy_.pick(0);
  policy_.leave(task);
  policy_.charge(task, 0);
  policy_.enqueue(task, Arrival::woken, 0);
  EXPECT_EQ(policy_.pick(0), &task);
}

// The queues of two CPUs; tasks wander between them at random. None is lost, none is doubled.
TEST_P(PolicyContract, TasksMayWanderBetweenQueues) {
  host::for_seeds(10, [&](uint64_t seed) {
    host::Random random(seed);
    Task tasks[12];
    PolicyBox boxes[2];
    Policy* policies[2] = {&boxes[0].emplace(GetParam()), &boxes[1].emplace(GetParam())};
    for (Task& task : tasks) policies[0]->enqueue(task, Arrival::fresh, 0);
    Instant now = 0;
    for (int step = 0; step < 2000; ++step) {
      const unsigned from = random.below(2);
      if (random.once_in(3)) {
        if (Task* task = policies[from]->give_away(anywhere, 1 - from)) {
          policies[from]->leave(*task);
          policies[1 - from]->enqueue(*task, Arrival::moved, now);
        }
      } else if (Task* task = policies[from]->pick(now)) {
        const Nanoseconds used = random.below(20 * k_millisecond);
        now += used;
        policies[from]->charge(*task, used);
        const bool is_over = policies[from]->turn_left(*task) == 0;
        policies[from]->enqueue(*task, is_over ? Arrival::expired : Arrival::preempted, now);
      }
      ASSERT_EQ(policies[0]->size() + policies[1]->size(), std::size(tasks));
    }
    for (Policy* policy : policies) {
      while (Task* task = policy->pick(now)) policy->leave(*task);
    }
  });
}

// ---- Starvation ----------------------------------------------------------------------------------

// Strict priority may starve the rest; the others promise that they don't.
class PolicyWithoutStarvation : public testing::TestWithParam<PolicyKind> {};

INSTANTIATE_TEST_SUITE_P(All, PolicyWithoutStarvation,
                         testing::Values(PolicyKind::rr, PolicyKind::mlfq, PolicyKind::fair),
                         [](const auto& info) { return std::string(policy_name(info.param)); });

// The longest that a runnable job may wait for its turn, whatever the others do.
Nanoseconds longest_wait(PolicyKind kind, size_t jobs) {
  if (kind == PolicyKind::rr) return jobs * k_quantum;
  if (kind == PolicyKind::mlfq) {  // until everybody is lifted, then everybody's turn at level 0
    return FeedbackQueues::k_boost_period +
           FeedbackQueues::allotment(FeedbackQueues::k_levels - 1) +
           jobs * FeedbackQueues::allotment(0);
  }
  // Until even the lightest among the heaviest has earned two requests.
  return 2 * FairShare::k_request * jobs * FairShare::weight_of(-5) / FairShare::weight_of(5);
}

TEST_P(PolicyWithoutStarvation, NoRunnableTaskWaitsForEver) {
  constexpr size_t k_jobs = 16;
  host::for_seeds(20, [&](uint64_t seed) {
    host::Random random(seed);
    PolicyBox box;
    World world(box.emplace(GetParam()));
    for (size_t i = 0; i < k_jobs; ++i) {
      world.spawn(k_normal_priority, static_cast<int>(random.between(-5, 5)));
    }
    const Nanoseconds limit = longest_wait(GetParam(), k_jobs);
    for (int step = 0; step < 5000; ++step) {
      Job& job = *world.jobs()[random.below(k_jobs)];
      switch (random.below(8)) {
        case 0:
          if (world.running() != nullptr) world.block();
          break;
        case 1:
        case 2:
          if (job.place == Job::Place::blocked) world.wake(job);
          break;
        case 3:
          if (world.running() != nullptr && random.once_in(4)) world.yield();
          break;
        default: world.run(random.below(12 * k_millisecond));
      }
      for (const auto& other : world.jobs()) {
        if (other->place != Job::Place::queued) continue;
        ASSERT_LE(world.now() - other->queued_since, limit) << "step " << step;
      }
    }
  });
}

}  // namespace
}  // namespace weft::sched
