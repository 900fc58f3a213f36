// The explorer's program: one scenario in each process.
//   explore --list
//   explore SCENARIO [--long] [--seed N] [--save FILE] [--report FILE]
//                                              searches; a failing run is told, and saved
//   explore --compare N [--seed N]             the reduced search against one that leaves nothing out, on N
//                                              random programs: do both see the same outcomes?
//   explore --replay FILE                      repeats a saved run, and tells it
// Exit status 0: as expected, 1: not, 2: it could not be tried.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "explore/compare.hh"
#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"
#include "explore/engine/repeat.hh"
#include "explore/run.hh"
#include "explore/schedule_file.hh"
#include "explore/shrink.hh"
#include "explore/story.hh"

namespace weft::explore {
namespace {

struct CommandLine {
  std::string scenario;
  bool lists = false;
  std::string save_path;
  std::string replay_path;
  std::string report_path;
  uint64_t seed = 1;
  unsigned programs = 0;  // to compare
  bool is_long = false;
  bool is_wrong = false;
};

CommandLine parse(int count, char** words) {
  CommandLine line;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--list") {
      line.lists = true;
    } else if (word == "--long") {
      line.is_long = true;
    } else if (word == "--save" && i + 1 < count) {
      line.save_path = words[++i];
    } else if (word == "--report" && i + 1 < count) {
      line.report_path = words[++i];
    } else if (word == "--compare" && i + 1 < count) {
      line.programs = static_cast<unsigned>(std::strtoul(words[++i], nullptr, 0));
    } else if (word == "--seed" && i + 1 < count) {
      line.seed = std::strtoull(words[++i], nullptr, 0);
    } else if (word == "--replay" && i + 1 < count) {
      line.replay_path = words[++i];
    } else if (word.starts_with("-") || !line.scenario.empty()) {
      line.is_wrong = true;
    } else {
      line.scenario = word;
    }
  }
  line.is_wrong |=
      !line.lists && line.programs == 0 && line.scenario.empty() == line.replay_path.empty();
  return line;
}

int list() {
  for (const Scenario* scenario = Scenario::first(); scenario != nullptr;
       scenario = scenario->next()) {
    std::printf("%s\t%s\n", scenario->options().name, scenario->options().about);
  }
  return 0;
}

// Runs the schedule once more, and tells what happens; how it ended.
Verdict repeat(const Scenario& scenario, const Schedule& schedule) {
  Repeat chooser(schedule);
  engine.record_events(true);
  engine.run(chooser);
  engine.record_events(false);
  std::printf("%s", tell(scenario, engine.finding(), engine.events()).c_str());
  return engine.finding().verdict;
}

// For tools/weft explore.
void write_report(const std::string& path, const Result& result, double seconds) {
  std::ofstream(path) << "{\"verdict\": \"" << verdict_name(result.finding.verdict)
                      << "\", \"runs\": " << result.runs
                      << ", \"random_runs\": " << result.random_runs
                      << ", \"steps\": " << result.steps << ", \"seconds\": " << seconds
                      << ", \"ran_out\": " << (result.ran_out ? "true" : "false") << "}\n";
}

const char* bound_text(const Result& result) {
  if (result.is_complete) return " (all there are)";
  return result.ran_out ? " (then it ran out of steps)" : "";
}

int explore_one(const Scenario& scenario, const CommandLine& line) {
  prepare(scenario);
  const uint64_t ground_before = ground.digest();
  const std::clock_t start = std::clock();
  const Result result = search(scenario, {.is_long = line.is_long, .seed = line.seed});
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;  // of the CPU
  std::printf(
      "%s: %s; %lu interleavings and %lu at random, %lu cut short, %lu states, %lu steps, up to %u "
      "preemptions%s, "
      "%.2f s\n",
      scenario.options().name, verdict_name(result.finding.verdict), result.runs,
      result.random_runs, result.cut, result.states, result.steps, result.preemptions,
      bound_text(result), seconds);
  if (!line.report_path.empty()) write_report(line.report_path, result, seconds);
  const Verdict verdict = result.finding.verdict;
  if (verdict != Verdict::passed) {
    const Schedule schedule = shrink(result.schedule, verdict);
    repeat(scenario, schedule);
    if (!line.save_path.empty() &&
        !save_schedule(line.save_path, {scenario.options().name, schedule},
                       verdict_name(verdict))) {
      std::fprintf(stderr, "explore: %s cannot be written\n", line.save_path.c_str());
    }
  }
  ground.restore();
  if (ground.digest() != ground_before) {
    std::puts("=> the runs have left something behind that they could not put back");
    return 1;
  }
  const ScenarioOptions& options = scenario.options();
  if (options.expected_runs != 0 && options.expected_runs != result.runs) {
    std::printf("=> there are %lu orders\n", options.expected_runs);
    return 1;
  }
  return verdict == options.expected ? 0 : 1;
}

int replay(const std::string& path) {
  const std::optional<SavedSchedule> saved = load_schedule(path);
  const Scenario* scenario = saved ? find_scenario(saved->scenario) : nullptr;
  if (scenario == nullptr) {
    std::fprintf(stderr, "explore: %s is no saved schedule of a scenario\n", path.c_str());
    return 2;
  }
  ground.init();
  prepare(*scenario);
  return repeat(*scenario, saved->schedule) == scenario->options().expected ? 0 : 1;
}

int run(int count, char** words) {
  const CommandLine line = parse(count, words);
  if (line.is_wrong) {
    std::fputs(
        "usage: explore --list | --replay FILE | --compare N [--seed N] |\n"
        "               SCENARIO [--long] [--seed N] [--save FILE] [--report FILE]\n",
        stderr);
    return 2;
  }
  if (line.lists) return list();
  if (line.programs > 0) {
    ground.init();
    return compare_searches(line.programs, line.seed) ? 0 : 1;
  }
  if (!line.replay_path.empty()) return replay(line.replay_path);
  const Scenario* scenario = find_scenario(line.scenario);
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
