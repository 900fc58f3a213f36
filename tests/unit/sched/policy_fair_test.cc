// The rules of the fair policy (fair.hh), and its promise, against an ideal that knows nothing of
// virtual time: a machine that serves everybody at once, each by its weight.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "core/sched/fair.hh"
#include "unit/sched/policy_world.hh"
#include "unit/support/seeds.hh"

namespace weft::sched {
namespace {

constexpr auto k_request = static_cast<double>(FairShare::k_request);

double weight_of(int nice) { return static_cast<double>(FairShare::weight_of(nice)); }

// How far each job is behind (or, negative, ahead of) its ideal service, in nanoseconds.
class IdealMachine {
 public:
  explicit IdealMachine(World& world) {
    world.on_join = [this](Job& job) { join(job); };
    world.on_leave = [this](Job& job) { leave(job); };
    world.on_run = [this](Job& job, Nanoseconds duration) { run(job, duration); };
  }

  void join(Job& job) {
    const double brings = here_.empty() ? 0 : away_[&job];
    share_out(-brings);
    here_[&job] = {weight_of(job.nice), brings};
  }
  void leave(Job& job) {
    const double takes = here_.at(&job).owed;
    here_.erase(&job);
    share_out(takes);
    away_[&job] = std::clamp(takes, -k_request, k_request);
  }
  void run(Job& job, Nanoseconds duration) {
    share_out(static_cast<double>(duration));
    here_.at(&job).owed -= static_cast<double>(duration);
  }

  double farthest() const {
    double most = 0;
    for (const auto& [job, state] : here_) most = std::max(most, std::abs(state.owed));
    return most;
  }
  double owed(Job& job) const { return here_.at(&job).owed; }

 private:
  struct State {
    double weight;
    double owed;
  };

  void share_out(double amount) {
    double total = 0;
    for (const auto& [job, state] : here_) total += state.weight;
    for (auto& [job, state] : here_) state.owed += amount * state.weight / total;
  }

  std::map<Job*, State> here_;
  std::map<Job*, double> away_;
};

TEST(FairWeights, AreAQuarterMoreForEachStep) {
  EXPECT_EQ(FairShare::weight_of(0), FairShare::k_unit_weight);
  for (int nice = k_least_nice; nice <= k_most_nice; ++nice) {
    EXPECT_NEAR(weight_of(nice), 1024 * std::pow(1.25, -nice), 0.51) << "nice " << nice;
  }
}

// Two that compute for ever divide the CPU as their weights say.
TEST(FairRules, ServiceIsInProportionToWeight) {
  for (int nice : {-20, -7, -1, 0, 1, 5, 19}) {
    FairShare policy;
    World world(policy);
    Job& normal = world.spawn();
    Job& other = world.spawn(k_normal_priority, nice);
    world.run_until(60 * k_second);
    const double share = weight_of(nice) / (weight_of(nice) + weight_of(0));
    EXPECT_NEAR(static_cast<double>(other.service), share * 60 * k_second, k_request) << nice;
    EXPECT_EQ(normal.service + other.service, 60 * k_second);
  }
}

TEST(FairRules, ARequestIsServedInOnePieceAmongEquals) {
  FairShare policy;
  World world(policy);
  Job& a = world.spawn();
  Job& b = world.spawn();
  for (int round = 0; round < 3; ++round) {
    for (Job* job : {&a, &b}) {
      EXPECT_EQ(world.running(), job);
      world.run(FairShare::k_request - 1);
      EXPECT_EQ(world.running(), job);
      world.run(1);
    }
  }
}

// Who asks for little gets in between the requests of others; it doesn't wait for all of them.
TEST(FairRules, AShortSleeperGetsInSoon) {
  FairShare policy;
  World world(policy);
  Job& sleeper = world.spawn();
  for (int i = 0; i < 10; ++i) world.spawn();
  world.block();
  for (int round = 0; round < 100; ++round) {
    world.run_until(world.now() + 50 * k_millisecond);
    world.wake(sleeper);
    while (world.running() != &sleeper) world.run(k_millisecond / 10);
    if (round > 0) {
      EXPECT_LE(world.now() - sleeper.queued_since, 2 * FairShare::k_request) << "round " << round;
    }
    world.run(FairShare::k_least_request / 2);
    ASSERT_EQ(world.running(), &sleeper);
    world.block();
  }
}

TEST(FairRules, WhoBlockedAsksForWhatItUsed) {
  FairShare policy;
  World world(policy);
  Job& job = world.spawn();
  world.spawn();
  ASSERT_EQ(world.running(), &job);
  EXPECT_EQ(policy.turn_left(job), FairShare::k_request);
  for (Nanoseconds used : {2 * k_millisecond, 1 * k_millisecond}) {
    world.run(used);
    ASSERT_EQ(world.running(), &job);
    world.block();
    world.run(k_millisecond);
    world.wake(job);
    while (world.running() != &job) world.run(k_millisecond);
    EXPECT_EQ(policy.turn_left(job), used);
  }
  world.run(k_millisecond);  // all that it asked for, and it wants more
  while (world.running() != &job) world.run(k_millisecond);
  EXPECT_EQ(policy.turn_left(job), FairShare::k_request);
}

TEST(FairRules, SleepingEarnsNothing) {
  FairShare policy;
  World world(policy);
  Job& sleeper = world.spawn();
  Job& worker = world.spawn();
  ASSERT_EQ(world.running(), &sleeper);
  world.block();
  world.run(10 * k_second);
  world.wake(sleeper);
  const Nanoseconds worked_before = worker.service;
  world.run_until(world.now() + k_second);
  EXPECT_NEAR(static_cast<double>(sleeper.service), 0.5 * k_second, k_request);
  EXPECT_NEAR(static_cast<double>(worker.service - worked_before), 0.5 * k_second, k_request);
}

TEST(FairRules, BlockingShortlyDoesNotForgiveADebt) {
  FairShare policy;
  World world(policy);
  Job& cheat = world.spawn();
  Job& honest = world.spawn();
  while (world.now() < 10 * k_second) {
    world.run(FairShare::k_request * 9 / 10);
    if (world.running() == &cheat) {
      world.block();
      world.run(1);
      world.wake(cheat);
    }
  }
  EXPECT_LE(cheat.service, honest.service + FairShare::k_request);
}

TEST(FairRules, WhoYieldsLetsAnotherRun) {
  host::for_seeds(20, [](uint64_t seed) {
    host::Random random(seed);
    FairShare policy;
    World world(policy);
    for (int i = 0; i < 4; ++i) {
      world.spawn(k_normal_priority, static_cast<int>(random.between(-20, 19)));
    }
    for (int step = 0; step < 500; ++step) {
      world.run(random.below(3 * k_millisecond));
      Job* yielder = world.running();
      world.yield();
      ASSERT_NE(world.running(), yielder) << "step " << step;
    }
  });
}

TEST(FairRules, WhoYieldsAloneGoesOn) {
  FairShare policy;
  World world(policy);
  Job& alone = world.spawn();
  world.yield();
  EXPECT_EQ(world.running(), &alone);
}

TEST(FairRules, ANewNicenessCountsAtOnce) {
  FairShare policy;
  World world(policy);
  Job& a = world.spawn();
  Job& b = world.spawn();
  world.run_until(k_second);
  world.change(b, &Task::nice, 5);
  const Nanoseconds a_before = a.service;
  world.run_until(11 * k_second);
  const double share = weight_of(0) / (weight_of(0) + weight_of(5));
  EXPECT_NEAR(static_cast<double>(a.service - a_before), share * 10 * k_second, 2 * k_request);
}

// Three tasks on two CPUs, all the time moving: each queue stays fair to those who are on it, and
// nobody wins by moving.
TEST(FairRules, WhoMovesKeepsItsLag) {
  FairShare policies[2];
  World here(policies[0]);
  World there(policies[1]);
  Job& stays = here.spawn();
  Job& stays_too = there.spawn();
  Job& wanderer = here.spawn();
  for (int round = 0; round < 2000; ++round) {
    World& at = round % 2 == 0 ? here : there;
    World& next = round % 2 == 0 ? there : here;
    const Nanoseconds period = k_millisecond * (1 + round % 7);
    here.run_until(here.now() + period);
    there.run_until(there.now() + period);
    // Only a queued task can be taken; one that runs goes at the end of its request.
    while (at.running() == &wanderer) {
      at.run(k_millisecond);
      next.run_until(at.now());
    }
    const auto the_wanderer = [](const Task& task, unsigned) { return task.inherited == 1; };
    wanderer.inherited = 1;
    ASSERT_EQ(at.send_away(the_wanderer), &wanderer);
    next.bring_back(wanderer);
  }
  const double half = static_cast<double>(here.now()) / 2;
  EXPECT_NEAR(static_cast<double>(wanderer.service), half, half / 20);
  EXPECT_NEAR(static_cast<double>(stays.service + stays_too.service), 3 * half, half / 20);
}

// ---- The promise -----------------------------------------------------------------------------------

// Nobody comes or goes: then the classical bound holds for any weights.
TEST(FairPromise, NobodyIsFartherThanOneRequestFromItsIdeal) {
  host::for_seeds(40, [](uint64_t seed) {
    host::Random random(seed);
    FairShare policy;
    World world(policy);
    IdealMachine ideal(world);
    const uint64_t jobs = random.between(2, 20);
    for (uint64_t i = 0; i < jobs; ++i) {
      world.spawn(k_normal_priority, static_cast<int>(random.between(k_least_nice, k_most_nice)));
    }
    for (int step = 0; step < 3000; ++step) {
      world.run(random.below(2 * FairShare::k_request));
      ASSERT_LE(ideal.farthest(), k_request + 1000) << "step " << step << " at " << world.now();
    }
  });
}

// Tasks that come, go and change shift the average by what they are owed, so the bound is a bit wider.
TEST(FairPromise, HoldsWhileTasksComeAndGoAndChange) {
  host::for_seeds(40, [](uint64_t seed) {
    host::Random random(seed);
    FairShare policy;
    World world(policy);
    IdealMachine ideal(world);
    for (int i = 0; i < 12; ++i) {
      world.spawn(k_normal_priority, static_cast<int>(random.between(-5, 5)));
    }
    for (int step = 0; step < 5000; ++step) {
      Job& job = *world.jobs()[random.below(world.jobs().size())];
      switch (random.below(12)) {
        case 0:
          if (world.running() != nullptr) world.block();
          break;
        case 1:
        case 2:
          if (job.place == Job::Place::blocked) world.wake(job);
          break;
        case 3:
          if (Job* away = world.send_away()) world.bring_back(*away);
          break;
        case 4: {
          const bool is_here = job.place == Job::Place::queued || job.place == Job::Place::running;
          if (is_here) ideal.leave(job);
          world.change(job, &Task::nice, static_cast<int>(random.between(-5, 5)));
          if (is_here) ideal.join(job);
          break;
        }
        default: world.run(random.below(2 * FairShare::k_request));
      }
      ASSERT_LE(ideal.farthest(), 1.5 * k_request) << "step " << step << " at " << world.now();
    }
  });
}

}  // namespace
}  // namespace weft::sched
