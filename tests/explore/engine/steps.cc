// Steps that are no accesses: interrupts on and off, kicks, busy waits, halts, and sleeping on a word.
#include <algorithm>

#include "explore/engine/engine.hh"

namespace weft::explore {

void Engine::interrupts_off(uint32_t place) {
  arrive(nullptr);  // the last chance for an interrupt
  agent().interrupts_on = false;
  record(Op::interrupts_off, 0, 0, 0, place);
}

void Engine::interrupts_on(uint32_t place) {
  agent().interrupts_on = true;
  record(Op::interrupts_on, 0, 0, 0, place);
  arrive(nullptr);
}

void Engine::kick(unsigned target, uint32_t place) {
  if (!is_watching()) {
    world_.agents[target].is_kicked = true;
    return;
  }
  Location& line = touch_line(k_interrupt_lines + target);
  arrive(&line);
  world_.agents[target].is_kicked = true;
  someone_got_able_ = true;
  record(Op::kick, target, 0, 0, place);
  make_store(line, 0, acq_rel, true, place);
}

Instant Engine::clock() {
  if (is_watching()) {
    Location& location = touch_line(k_clock);
    acquire_from(locations_.newest(location), acquire);
    note_event(Op::load, location, false, 0);
  }
  return world_.clock;
}

void Engine::relax(uint32_t place) {
  if (phase_ != Phase::running) {
    if (world_.current == 0) return settle();
    agent().state = AgentState::spinning;
    pass_to(0);
    agent().state = AgentState::ready;
    if (chosen_.act != Act::go_on) take_interrupt(chosen_.act);
    return;
  }
  count_step();
  ++agent().tick;
  if (agent().is_in_prelude) {
    agent().is_in_prelude = false;
    agent().state = AgentState::spinning;
    leave_to_driver();
  } else {
    chosen_.act = stop_here(AgentState::spinning);
  }
  agent().state = AgentState::ready;
  agent().watched_count = 0;
  record(Op::relax, 0, 0, 0, place);
  if (chosen_.act != Act::go_on) take_interrupt(chosen_.act);
}

// Interrupts are off, and are off again when it returns; one comes in meanwhile.
void Engine::halt(uint32_t place) {
  record(Op::halt, 0, 0, 0, place);
  Agent& self = agent();
  ++self.tick;
  choose_for(world_.current);
  self.state = AgentState::halted;
  if (has_interrupt(self)) {
    choose_for(world_.current);
  } else if (phase_ == Phase::running) {
    if (is_watching())
      note_event(Op::halt, touch_line(k_interrupt_lines + world_.current), true, 0);
    if (self.is_in_prelude) {
      self.is_in_prelude = false;
      leave_to_driver();
    } else {
      stop_here(AgentState::halted);
    }
  } else if (world_.current != 0) {
    pass_to(0);
  } else {
    wait_in_set_up();
  }
  agent().state = AgentState::ready;
  take_interrupt(chosen_.act);
  agent().interrupts_on = false;
}

// The director has nothing to do before its kick or its timer comes: others go on, or time does.
void Engine::wait_in_set_up() {
  for (;;) {
    settle();
    if (has_interrupt(agent())) break;
    Instant first = k_never;
    for (const Agent& other : world_.agents) {
      if (other.state == AgentState::halted) first = std::min(first, other.deadline);
    }
    if (first == k_never) fail_stuck();
    world_.clock = std::max(world_.clock, first);
  }
  choose_for(0);
}

bool Engine::futex_wait(uintptr_t address, uint32_t expected, Instant deadline, bool& has_slept,
                        uint32_t place) {
  Location& word = touch(address, sizeof expected);
  note_sharing(word, true);
  arrive(&word);
  ++world_.futex_calls;
  has_slept = static_cast<uint32_t>(locations_.newest(word).value) == expected;
  note_event(Op::sleep, word, true, has_slept);
  record(Op::sleep, address, locations_.newest(word).value, expected, place, !has_slept);
  if (!has_slept) return false;
  Agent& self = agent();
  self.sleeps_at = address;
  self.sleep_order = ++world_.sleepers;
  self.deadline = deadline;
  const Act act = stop_here(AgentState::sleeping);
  self.sleeps_at = 0;
  self.deadline = k_never;
  if (act == Act::timer) world_.clock = std::max(world_.clock, deadline);
  if (act != Act::go_on) {
    const Op op = act == Act::timer ? Op::time_out : Op::false_alarm;
    note_event(op, word, true, self.tick);
    record(op, address, 0, 0, place);
  }
  return act != Act::timer;
}

unsigned Engine::futex_wake(uintptr_t address, unsigned most, uint32_t place) {
  Location& word = touch(address, sizeof(uint32_t));
  note_sharing(word, true);
  arrive(&word);
  ++world_.futex_calls;
  unsigned woken = 0;
  for (; woken < most; ++woken) {
    Agent* first = nullptr;
    for (Agent& agent : world_.agents) {
      if (agent.state == AgentState::sleeping && agent.sleeps_at == address &&
          (first == nullptr || agent.sleep_order < first->sleep_order)) {
        first = &agent;
      }
    }
    if (first == nullptr) break;
    first->state = AgentState::ready;
    first->deadline = k_never;
    fruitless_spins_ = 0;
  }
  someone_got_able_ |= woken > 0;
  note_event(Op::wake, word, true, woken);
  record(Op::wake, address, woken, most, place);
  return woken;
}

}  // namespace weft::explore
