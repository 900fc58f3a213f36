// Makes a failing schedule short: as few choices that are not the plain ones as possible, and then as
// few steps. Each attempt is a run; what counts is that it fails in the same way.
#pragma once

#include "explore/engine/choice.hh"
#include "explore/engine/verdict.hh"

namespace weft::explore {

Schedule shrink(Schedule schedule, Verdict verdict);

}  // namespace weft::explore
