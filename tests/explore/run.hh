// From a scenario to a result: the passes of the search, and what is done with a run that fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "explore/engine/choice.hh"
#include "explore/engine/verdict.hh"
#include "explore/scenario.hh"

namespace weft::explore {

// nullptr if there is none of that name.
const Scenario* find_scenario(std::string_view name);

// Makes the engine ready for one scenario, the only one of this process.
void prepare(const Scenario& scenario);

struct Result {
  Finding finding;           // of the first run that failed
  Schedule schedule;         // which that was, made short
  uint64_t runs = 0;         // interleavings that were run to their end, all different
  uint64_t random_runs = 0;  // with random priorities; different from each other
  uint64_t cut = 0;          // and that were not, since what followed was known
  uint64_t steps = 0;
  uint64_t states = 0;
  unsigned preemptions = 0;  // the bound that was completed
  bool ran_out = false;      // the next bound would have taken too many steps
  bool is_complete = false;  // no larger bound would show anything new
};

struct SearchOptions {
  bool is_long = false;
  uint64_t seed = 1;
};
Result search(const Scenario& scenario, const SearchOptions& options);

}  // namespace weft::explore
