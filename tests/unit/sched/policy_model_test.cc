// Each policy against its naive model, over random workloads: every answer must be the same.
#include <gtest/gtest.h>

#include <vector>

#include "core/sched/policy.hh"
#include "unit/sched/policy_models.hh"
#include "unit/sched/policy_world.hh"
#include "unit/support/seeds.hh"

namespace weft::sched {
namespace {

// Asks both and compares.
class Compared final : public Policy {
 public:
  Compared(Policy& real, Policy& model) : real_(real), model_(model) {}

  const char* name() const override { return real_.name(); }
  void enqueue(Task& task, Arrival why, Instant now) override {
    real_.enqueue(task, why, now);
    model_.enqueue(task, why, now);
    EXPECT_TRUE(task.queued);
  }
  void dequeue(Task& task) override {
    real_.dequeue(task);
    model_.dequeue(task);
    EXPECT_FALSE(task.queued);
  }
  Task* pick(Instant now) override { return same(real_.pick(now), model_.pick(now)); }
  void charge(Task& running, Nanoseconds used) override {
    real_.charge(running, used);
    model_.charge(running, used);
  }
  Nanoseconds turn_left(const Task& running) const override {
    return same(real_.turn_left(running), model_.turn_left(running));
  }
  bool preempts(const Task& newcomer, const Task& running) const override {
    return same(real_.preempts(newcomer, running), model_.preempts(newcomer, running));
  }
  Task* give_away(MayGo may_go, unsigned to_cpu) override {
    return same(real_.give_away(may_go, to_cpu), model_.give_away(may_go, to_cpu));
  }
  void leave(Task& task) override {
    real_.leave(task);
    model_.leave(task);
  }
  size_t size() const override { return same(real_.size(), model_.size()); }
  Nanoseconds arrive(Task& newcomer, Arrival why, Instant now, Task& running,
                     Nanoseconds used) override {
    return same(real_.arrive(newcomer, why, now, running, used),
                model_.arrive(newcomer, why, now, running, used));
  }
  Task* replace(Task& running, Nanoseconds used, Instant now) override {
    return same(real_.replace(running, used, now), model_.replace(running, used, now));
  }
  Task* yield(Task& running, Nanoseconds used, Instant now) override {
    return same(real_.yield(running, used, now), model_.yield(running, used, now));
  }

 private:
  template <typename Answer>
  static Answer same(Answer real, Answer model) {
    EXPECT_EQ(real, model);
    return real;
  }

  Policy& real_;
  Policy& model_;
};

template <typename Model>
void agree(PolicyKind kind) {
  host::for_seeds(40, [&](uint64_t seed) {
    host::Random random(seed);
    PolicyBox real;
    Model model;
    Compared compared(real.emplace(kind), model);
    World world(compared);
    const size_t most_jobs = 1 + random.below(20);
    world.last_moment = random.below(2) * random.below(k_millisecond);
    world.jobs_differ = seed % 2 == 0;
    for (int step = 0; step < 3000; ++step) {
      world.random_step(random, most_jobs);
      ASSERT_FALSE(testing::Test::HasFailure()) << "in step " << step << " at " << world.now();
    }
  });
}

TEST(PolicyModel, RoundRobinIsAsDefined) { agree<NaiveRoundRobin>(PolicyKind::rr); }
TEST(PolicyModel, FixedPriorityIsAsDefined) { agree<NaiveFixedPriority>(PolicyKind::prio); }
TEST(PolicyModel, FeedbackQueuesAreAsDefined) { agree<NaiveFeedbackQueues>(PolicyKind::mlfq); }
TEST(PolicyModel, FairShareIsAsDefined) { agree<NaiveFairShare>(PolicyKind::fair); }

}  // namespace
}  // namespace weft::sched
