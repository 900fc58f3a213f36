// The machine that runs kernel/core, as the engine sees it.
#include <set>

#include "core/sched/thread.hh"
#include "core/sched/wait_queue.hh"
#include "core/sync/mutex.hh"
#include "explore/engine/engine.hh"
#include "explore/machine/machine.hh"
#include "explore/machine/threads.hh"

namespace weft::explore {
namespace {

const char* thread_name() {
  const Thread* thread = engine.agent().current;
  return thread == nullptr ? "?" : thread->name().data();
}

void take_interrupt(Act act) { take_kernel_interrupt(act == Act::kick); }

// The owner of the mutex that the thread waits for, if it does.
const Thread* waits_for(const Thread& thread) {
  return thread.waits_for == nullptr ? nullptr : thread.waits_for->owner();
}

// Whether going from owner to owner leads back to the thread.
bool is_in_a_circle(const Thread& thread) {
  std::set<const Thread*> passed;
  for (const Thread* at = waits_for(thread); at != nullptr && passed.insert(at).second;
       at = waits_for(*at)) {
    if (at == &thread) return true;
  }
  return false;
}

void explain_stuck(Finding& finding) {
  finding.text = "nobody can go on";
  for (unsigned i = 0; i < scenario_thread_count(); ++i) {
    const Thread& thread = scenario_thread(i);
    if (thread.state == ThreadState::dead) continue;
    finding.text +=
        "\n   " + std::string(thread.name()) + ": " + state_name(thread.state, thread.block_reason);
    if (const Thread* owner = waits_for(thread)) {
      finding.text += " on a mutex that " + std::string(owner->name()) + " holds";
      if (is_in_a_circle(thread)) finding.verdict = Verdict::deadlock;
    } else if (thread.state == ThreadState::blocked && thread.waiter != nullptr &&
               thread.waiter->outcome() != Outcome::pending) {
      finding.text += ", though its wait has ended";
    }
  }
  for (unsigned i = 1; i < engine.world().agent_count; ++i) {
    const Agent& cpu = engine.world().agents[i];
    if (cpu.state != AgentState::spinning) continue;
    finding.text += "\n   CPU " + std::to_string(i) + " (" + std::string(cpu.current->name()) +
                    ") spins for ever, interrupts " + (cpu.interrupts_on ? "on" : "off");
    finding.verdict = Verdict::deadlock;
  }
}

}  // namespace

const Machine& kernel_machine() {
  static constexpr Machine machine{take_interrupt, thread_name, explain_stuck};
  return machine;
}

}  // namespace weft::explore
