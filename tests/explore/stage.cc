#include "explore/scenario.hh"

#include "explore/engine/engine.hh"
#include "explore/machine/machine.hh"
#include "explore/machine/threads.hh"
#include "explore/run.hh"

namespace weft::explore {
namespace {

const Scenario* first_scenario = nullptr;
const Scenario* chosen = nullptr;

void run_chosen() {
  Stage stage;
  chosen->run(stage);
  engine.check_leaks();
}

void boot_and_run() { boot_kernel(chosen->options().cpus, run_chosen); }

}  // namespace

Scenario::Scenario(const ScenarioOptions& options, void (*body)(Stage&))
    : options_(options), body_(body), next_(first_scenario) {
  first_scenario = this;
}

const Scenario* Scenario::first() { return first_scenario; }

const Scenario* find_scenario(std::string_view name) {
  const Scenario* scenario = first_scenario;
  while (scenario != nullptr && scenario->options().name != name) scenario = scenario->next();
  return scenario;
}

void prepare(const Scenario& scenario) {
  chosen = &scenario;
  if (scenario.options().cpus == 0) {
    engine.prepare(bare_machine(), run_chosen);
  } else {
    engine.prepare(kernel_machine(), boot_and_run);
  }
}

void Stage::add_thread(const ThreadOptions& options, void (*entry)(void*), void* argument) {
  if (chosen->options().cpus == 0) {
    add_bare_thread(options.name, entry, argument);
  } else {
    add_kernel_thread(options, entry, argument);
  }
}

void Stage::run() { engine.run_agents(); }

Thread& thread_named(const char* name) {
  for (unsigned i = 0; i < scenario_thread_count(); ++i) {
    if (scenario_thread(i).name() == name) return scenario_thread(i);
  }
  engine.fail_stop("the scenario has no such thread");
}

void observe(uint64_t outcome) { engine.observe(outcome); }

void check(bool condition, const char* promise) {
  if (condition) return;
  engine.fail_check(promise, __builtin_return_address(0));
}

}  // namespace weft::explore
