#include "explore/shrink.hh"

#include <optional>

#include "explore/engine/engine.hh"
#include "explore/engine/repeat.hh"

namespace weft::explore {
namespace {

// How far one choice is moved.
constexpr uint32_t k_reach = 60;

// How many steps the run made, if it failed that way.
std::optional<uint32_t> steps_to_failure(const Schedule& schedule, Verdict verdict) {
  Repeat chooser(schedule);
  if (engine.run(chooser) != RunEnd::failed || engine.finding().verdict != verdict) return {};
  return engine.steps_of_run();
}

bool leave_one_out(Schedule& schedule, Verdict verdict) {
  for (size_t i = 0; i < schedule.size(); ++i) {
    Schedule shorter = schedule;
    shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(i));
    if (steps_to_failure(shorter, verdict)) {
      schedule = std::move(shorter);
      return true;
    }
  }
  return false;
}

bool move_one(Schedule& schedule, Verdict verdict) {
  const uint32_t steps = steps_to_failure(schedule, verdict).value_or(0);
  for (size_t i = 0; i < schedule.size(); ++i) {
    for (uint32_t distance = 1; distance <= k_reach; ++distance) {
      for (const bool is_earlier : {true, false}) {
        Schedule moved = schedule;
        uint32_t& tick = moved[i].tick;
        if (is_earlier && tick <= distance) continue;
        tick += is_earlier ? -distance : distance;
        const auto now = steps_to_failure(moved, verdict);
        if (!now || *now >= steps) continue;
        schedule = std::move(moved);
        return true;
      }
    }
  }
  return false;
}

}  // namespace

Schedule shrink(Schedule schedule, Verdict verdict) {
  // What was found by offering switches at some steps only must also be found when all are offered.
  if (!steps_to_failure(schedule, verdict)) return schedule;
  do {
    while (leave_one_out(schedule, verdict)) {
    }
  } while (move_one(schedule, verdict));
  return schedule;
}

}  // namespace weft::explore
