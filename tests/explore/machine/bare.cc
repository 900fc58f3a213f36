// Threads without a kernel: each is an agent, as if it had a CPU of its own for ever.
#include "explore/machine/machine.hh"

#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"

namespace weft::explore {
namespace {

const char* thread_name() { return engine.agent().name; }

void take_interrupt(Act) {}

void explain_stuck(Finding& finding) {
  finding.text = "nobody can go on:\n";
  for (const Agent& agent : engine.world().agents) {
    if (agent.state == AgentState::sleeping) {
      finding.text += std::string("  ") + agent.name + " sleeps on a word that nobody will wake\n";
    } else if (agent.state == AgentState::spinning) {
      finding.text += std::string("  ") + agent.name + " spins on a word that nobody will change\n";
    }
  }
}

struct Start {
  void (*entry)(void*);
  void* argument;
};

}  // namespace

const Machine& bare_machine() {
  static constexpr Machine machine{take_interrupt, thread_name, explain_stuck};
  return machine;
}

void add_bare_thread(const char* name, void (*entry)(void*), void* argument) {
  auto* start = new Start{entry, argument};
  Fiber& fiber = ground.make_fiber(
      [](void* start_argument) {
        const Start& own = *static_cast<Start*>(start_argument);
        engine.wait_at_gate();
        own.entry(own.argument);
        engine.finish_body();
        engine.end_agent();
      },
      start);
  engine.add_agent(fiber, name);
  engine.add_body();
}

}  // namespace weft::explore
