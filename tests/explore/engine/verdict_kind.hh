// How a run can end.
#pragma once

#include <cstdint>

namespace weft::explore {

enum class Verdict : uint8_t {
  passed,
  assertion,    // a check of the scenario or an assertion of the code failed
  deadlock,     // agents wait for each other in a circle
  lost_wakeup,  // somebody sleeps, and nobody is left to wake it
  livelock,     // all go on, and nothing comes of it
  data_race,    // two accesses that nothing orders
  use_after_free,
  leak,
};

}  // namespace weft::explore
