// What a run showed.
#pragma once

#include <cstdint>
#include <string>

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

inline const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "passed";
    case Verdict::assertion: return "assertion failed";
    case Verdict::deadlock: return "deadlock";
    case Verdict::lost_wakeup: return "lost wake-up";
    case Verdict::livelock: return "livelock";
    case Verdict::data_race: return "data race";
    case Verdict::use_after_free: return "use after free";
    case Verdict::leak: return "leak";
  }
  return "?";
}

struct Finding {
  Verdict verdict = Verdict::passed;
  std::string text;          // one or more lines
  uint32_t place = 0;        // the code's address, if there is one
  uint32_t other_place = 0;  // of a race: the earlier access
};

}  // namespace weft::explore
