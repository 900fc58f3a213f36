// Threads without a kernel: each is an agent, as if it had a CPU of its own for ever.
#include "explore/engine/engine.hh"
#include "explore/machine/machine.hh"

namespace weft::explore {
namespace {

const char* thread_name() { return engine.agent().name; }

void take_interrupt(Act) {}

void explain_stuck(Finding& finding) {
  finding.text = "nobody can go on";
  for (const Agent& agent : engine.world().agents) {
    if (agent.state == AgentState::sleeping) {
      finding.text += std::string("\n   ") + agent.name + " sleeps, and nobody will wake it";
    } else if (agent.state == AgentState::spinning) {
      finding.text +=
          std::string("\n   ") + agent.name + " waits for a word that nobody will change";
    }
  }
}

}  // namespace

const Machine& bare_machine() {
  static constexpr Machine machine{take_interrupt, thread_name, explain_stuck};
  return machine;
}

}  // namespace weft::explore
