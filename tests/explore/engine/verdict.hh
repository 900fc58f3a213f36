// What a run showed.
#pragma once

#include <cstdint>
#include <string>

#include "explore/engine/verdict_kind.hh"

namespace weft::explore {

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
