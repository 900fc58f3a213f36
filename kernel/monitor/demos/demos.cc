// The table of the demos, and the command that runs them.
#include <algorithm>
#include <array>

#include "monitor/command.hh"
#include "monitor/console.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr std::array k_demos{
    &ring_demo,         &pingpong_demo, &storm_demo,          &inherit_demo,
    &philosophers_demo, &rw_demo,       &bounded_buffer_demo, &barrier_demo,
    &sleepers_demo,     &fairness_demo, &preempt_demo,
};

bool run(Sink& out, const Demo& demo) {
  say(out, "--- {}: {}", demo.name, demo.idea);
  out.write(demo.look);
  out.write("\n");
  const bool came_true = demo.run(out);
  say(out, "--- {}: {}", demo.name, came_true ? "as promised" : "NOT AS PROMISED");
  return came_true;
}

}  // namespace

std::span<const Demo* const> all_demos() { return k_demos; }

Status run_demos(Sink& out, Words words) {
  if (words.size() == 1) {
    for (const Demo* demo : k_demos) say(out, "  {:<18}{}", demo->name, demo->idea);
    return k_success;
  }
  bool all_came_true = true;
  for (const std::string_view name : words.subspan(1)) {
    const auto demo = std::ranges::find(k_demos, name, &Demo::name);
    if (name == "all") {
      for (const Demo* each : k_demos) all_came_true &= run(out, *each);
    } else if (demo != k_demos.end()) {
      all_came_true &= run(out, **demo);
    } else {
      say(out, "demo: there is no demo called {}; 'demo' lists them", name);
      all_came_true = false;
    }
  }
  return all_came_true ? k_success : k_failure;
}

}  // namespace weft::monitor
