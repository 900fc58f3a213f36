// The story: a failing run in the words of the code, at most 40 lines. Steps that only one CPU can see
// are left out; of long stretches of one thread, the first and the last lines are told.
#pragma once

#include <string>
#include <vector>

#include "explore/engine/event.hh"
#include "explore/engine/verdict.hh"
#include "explore/scenario.hh"

namespace weft::explore {

std::string tell(const Scenario& scenario, const Finding& finding,
                 const std::vector<Event>& events);

}  // namespace weft::explore
