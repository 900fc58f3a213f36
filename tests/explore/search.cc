#include <algorithm>

#include "explore/engine/engine.hh"
#include "explore/engine/exhaustive.hh"
#include "explore/engine/random_priorities.hh"
#include "explore/run.hh"

namespace weft::explore {
namespace {

// What one pass may cost in `make test`, and in a long run.
constexpr uint64_t k_most_steps = 30'000'000;
constexpr uint64_t k_most_steps_long = 500'000'000;

constexpr uint64_t k_times_random_long = 100;

enum class PassEnd { completed, failed, too_long };

class Search {
 public:
  Search(const Scenario& scenario, const SearchOptions& options)
      : scenario_(scenario),
        most_steps_(options.is_long ? k_most_steps_long : k_most_steps),
        is_long_(options.is_long),
        seed_(options.seed) {}

  Result run() {
    const ScenarioOptions& options = scenario_.options();
    if (options.expected_runs != 0) {
      run_all();
      return result_;
    }
    const unsigned longer = std::max<unsigned>(options.long_preemptions, options.preemptions + 1u);
    const unsigned most = is_long_ ? longer : options.preemptions;
    PassEnd end = PassEnd::completed;
    for (unsigned preemptions = 0; preemptions <= most; ++preemptions) {
      end = run_pass(preemptions);
      result_.ran_out = end == PassEnd::too_long;
      if (end != PassEnd::completed) break;
      result_.preemptions = preemptions;
      if (result_.is_complete) break;
    }
    if (end != PassEnd::failed && !result_.is_complete) {
      run_random(options.random_runs * (is_long_ ? k_times_random_long : 1));
    }
    result_.steps = engine.steps();
    return result_;
  }

 private:
  // Random priorities, where the bound of the search leaves something to be found.
  void run_random(uint64_t runs) {
    const ScenarioOptions& options = scenario_.options();
    RandomPriorities chooser(seed_,
                             {.interrupts = options.interrupts, .old_stores = options.old_stores});
    for (; runs > 0; --runs) {
      const RunEnd end = engine.run(chooser);
      chooser.wants_more();
      if (chooser.was_new()) ++result_.random_runs;
      if (end != RunEnd::failed) continue;
      result_.finding = engine.finding();
      result_.schedule = engine.deviations();
      return;
    }
  }

  // Without any reduction.
  void run_all() {
    Exhaustive chooser({.budget = {.preemptions = k_unlimited}, .reduces = false});
    do {
      if (engine.run(chooser) == RunEnd::completed) ++result_.runs;
    } while (chooser.wants_more());
    result_.is_complete = true;
    result_.steps = engine.steps();
  }

  // Again, if the agents turned out to meet in more places than was known: there were too few choices.
  PassEnd run_pass(unsigned preemptions) {
    for (;;) {
      uint64_t runs = 0;
      const PassEnd end = run_once(preemptions, runs);
      if (end == PassEnd::completed && engine.learn_sharing()) continue;
      result_.runs += runs;
      return end;
    }
  }

  PassEnd run_once(unsigned preemptions, uint64_t& runs) {
    const ScenarioOptions& options = scenario_.options();
    Exhaustive chooser({.budget = {.preemptions = static_cast<uint8_t>(preemptions),
                                   .interrupts = options.interrupts,
                                   .old_stores = options.old_stores}});
    do {
      switch (engine.run(chooser)) {
        case RunEnd::failed:
          result_.finding = engine.finding();
          result_.schedule = engine.deviations();
          ++runs;
          return PassEnd::failed;
        case RunEnd::cut: ++result_.cut; break;
        case RunEnd::completed:
          // With fewer preemptions it would have been another run; else it was counted before.
          if (preemptions == 0 || chooser.used_all_preemptions()) ++runs;
          break;
      }
      if (engine.steps() > most_steps_) return PassEnd::too_long;
    } while (chooser.wants_more());
    result_.states = std::max<uint64_t>(result_.states, chooser.states());
    result_.is_complete = !chooser.met_its_bound();
    return PassEnd::completed;
  }

  const Scenario& scenario_;
  const uint64_t most_steps_;
  const bool is_long_;
  const uint64_t seed_;
  Result result_;
};

}  // namespace

Result search(const Scenario& scenario, const SearchOptions& options) {
  return Search(scenario, options).run();
}

}  // namespace weft::explore
