// The explorer's program: one scenario in each process.
//   explore --list
//   explore SCENARIO [--long] [--save FILE]     exit status 0: as expected, 1: not, 2: no such scenario
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"
#include "explore/run.hh"

namespace weft::explore {
namespace {

struct CommandLine {
  std::string scenario;
  bool lists = false;
  bool is_long = false;
};

CommandLine parse(int count, char** words) {
  CommandLine line;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--list") {
      line.lists = true;
    } else if (word == "--long") {
      line.is_long = true;
    } else {
      line.scenario = word;
    }
  }
  return line;
}

const Scenario* find(std::string_view name) {
  for (const Scenario* scenario = Scenario::first(); scenario != nullptr;
       scenario = scenario->next()) {
    if (scenario->options().name == name) return scenario;
  }
  return nullptr;
}

int list() {
  for (const Scenario* scenario = Scenario::first(); scenario != nullptr;
       scenario = scenario->next()) {
    std::printf("%s\t%s\n", scenario->options().name, scenario->options().about);
  }
  return 0;
}

int explore_one(const Scenario& scenario, const CommandLine& line) {
  prepare(scenario);
  const auto start = std::chrono::steady_clock::now();
  const Result result = search(scenario, {.is_long = line.is_long});
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::printf(
      "%s: %s, %lu interleavings, %lu cut, %lu states, %lu steps, %u preemptions%s, %.2f s, %.0f "
      "steps/s\n",
      scenario.options().name, verdict_name(result.finding.verdict), result.runs, result.cut,
      result.states, result.steps, result.preemptions, result.is_complete ? " (all)" : "",
      time.count(), static_cast<double>(result.steps) / time.count());
  if (result.finding.verdict != Verdict::passed) std::printf("%s\n", result.finding.text.c_str());
  return result.finding.verdict == scenario.options().expected ? 0 : 1;
}

int run(int count, char** words) {
  const CommandLine line = parse(count, words);
  if (line.lists) return list();
  const Scenario* scenario = find(line.scenario);
  if (scenario == nullptr) {
    std::fprintf(stderr, "explore: no scenario %s; --list names them\n", line.scenario.c_str());
    return 2;
  }
  ground.init();
  return explore_one(*scenario, line);
}

}  // namespace
}  // namespace weft::explore

int main(int count, char** words) { return weft::explore::run(count, words); }
