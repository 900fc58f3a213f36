// Threads without a kernel: each is an agent, as if it had a CPU of its own for ever.
#include "explore/engine/engine.hh"
#include "explore/machine/machine.hh"

namespace weft::explore {
namespace {

const char* thread_name() { return engine.agent().name; }

void take_interrupt(Act) {}

// The agent that holds what this one sleeps for; 0 if that can't be seen.
unsigned holder_for(unsigned agent) {
  const Agent& sleeper = engine.world().agents[agent];
  return sleeper.state == AgentState::sleeping ? engine.owner_of(sleeper.sleeps_at) : 0;
}

// Whether going from holder to holder leads back to the agent.
bool is_in_a_circle(unsigned agent) {
  unsigned at = agent;
  for (unsigned steps = 0; steps < k_most_agents; ++steps) {
    at = holder_for(at);
    if (at == 0) return false;
    if (at == agent) return true;
  }
  return false;
}

void explain_stuck(Finding& finding) {
  finding.text = "nobody can go on";
  for (unsigned i = 1; i < engine.world().agent_count; ++i) {
    const Agent& agent = engine.world().agents[i];
    const std::string name = std::string("\n   ") + agent.name;
    if (const unsigned holder = holder_for(i)) {
      finding.text += name + " sleeps for what " + engine.world().agents[holder].name + " holds";
      if (is_in_a_circle(i)) finding.verdict = Verdict::deadlock;
    } else if (agent.state == AgentState::sleeping) {
      finding.text += name + " sleeps, and nobody will wake it";
    } else if (agent.state == AgentState::spinning) {
      finding.text += name + " waits for a word that nobody will change";
    }
  }
}

}  // namespace

const Machine& bare_machine() {
  static constexpr Machine machine{take_interrupt, thread_name, explain_stuck};
  return machine;
}

}  // namespace weft::explore
