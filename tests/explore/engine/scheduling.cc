// Who goes on: where a choice is to be made, and what can be chosen.
#include <algorithm>
#include <cstdlib>

#include "explore/engine/engine.hh"

namespace weft::explore {
namespace {

constexpr unsigned k_most_fruitless_spins = 300;

}  // namespace

void Engine::arrive(const Location* location) {
  if (phase_ != Phase::running) return take_due_interrupts();
  count_step();
  ++agent().tick;
  bool is_chosen = false;
  if (agent().is_in_prelude) {
    agent().is_in_prelude = false;
    leave_to_driver();
    is_chosen = true;  // the driver or another agent has taken us
  }
  for (;;) {
    if (phase_ != Phase::running) return take_due_interrupts();
    if (!is_chosen) {
      if (!needs_choice(location)) return;
      const bool offers_switches = chooser_->wants_all_switches() || someone_got_able_ ||
                                   (location != nullptr && location->is_contended);
      someone_got_able_ = false;
      const Option option = pick(offers_switches);
      chosen_ = option;
      if (option.agent != world_.current) pass_to(option.agent);
    }
    if (chosen_.act == Act::go_on) return;
    take_interrupt(chosen_.act);
    is_chosen = false;
  }
}

void Engine::count_step() {
  if (++steps_of_run_ <= most_steps_) return;
  const OnHost on_host(*this);
  fail({Verdict::livelock, "no end after " + std::to_string(most_steps_) + " steps", 0, 0});
}

bool Engine::needs_choice(const Location* location) const {
  const Agent& self = world_.agents[world_.current];
  if (chooser_->wants_all_switches() || someone_got_able_) return true;
  if (location != nullptr && location->is_contended) return true;
  if (!self.interrupts_on) return false;
  return has_interrupt(self) || (self.deadline != k_never && chooser_->wants_interrupts());
}

Act Engine::stop_here(AgentState state) {
  agent().state = state;
  chosen_ = pick(true);
  if (chosen_.agent != world_.current) pass_to(chosen_.agent);
  agent().state = AgentState::ready;
  return chosen_.act;
}

void Engine::pass_to(unsigned next) {
  Fiber& own = *agent().fiber;
  world_.current = next;
  switch_fiber(own, *agent().fiber);
}

void Engine::take_interrupt(Act act) {
  Agent& self = agent();
  if (act == Act::timer) {
    world_.clock = std::max(world_.clock, self.deadline);
    self.deadline = k_never;
    someone_got_able_ = true;  // others' timers may be due as well
  } else {
    self.is_kicked = false;
  }
  // Whoever sent the kick, or moved the clock, did that before.
  if (is_watching()) {
    const Op op = act == Act::timer ? Op::timer_fires : Op::kick_comes;
    Location& line = touch_line(act == Act::timer ? k_clock : k_interrupt_lines + world_.current);
    acquire_from(locations_.newest(line), acquire);
    note_event(op, line, true, self.tick);
    record(op, 0, 0, 0, 0);
    advance_clock();
  }
  machine_.take_interrupt(act);
}

// While a scenario is set up or has ended, interrupts come in as soon as they may.
void Engine::take_due_interrupts() {
  while (agent().interrupts_on && has_interrupt(agent())) {
    take_interrupt(agent().is_kicked ? Act::kick : Act::timer);
  }
}

// The agent goes on next, without a choice: set-up and end.
void Engine::choose_for(unsigned number) {
  const Agent& agent = world_.agents[number];
  Act act = Act::go_on;
  if (lets_interrupts_in(agent) && has_interrupt(agent)) {
    act = agent.is_kicked ? Act::kick : Act::timer;
  }
  chosen_ = {static_cast<uint8_t>(number), act, 0, Price::free};
}

bool Engine::is_able(const Agent& agent) const {
  switch (agent.state) {
    case AgentState::ready: return true;
    case AgentState::halted: return has_interrupt(agent);
    case AgentState::spinning:
      if (agent.interrupts_on && has_interrupt(agent)) return true;
      return std::any_of(agent.watched.begin(), agent.watched.begin() + agent.watched_count,
                         [](const Watched& word) { return word.location->stores != word.stores; });
    case AgentState::absent:
    case AgentState::gated:
    case AgentState::sleeping:
    case AgentState::ended:
    case AgentState::directing: break;
  }
  return false;
}

// The running agent, or the one that has just stopped, and all others: who may go on, and how.
void Engine::collect_options(bool offers_switches) {
  options_.clear();
  const unsigned self = world_.current;
  const bool self_is_able = is_able(agent());
  if (self_is_able) offer_own(self);
  offer_others(self, self_is_able, offers_switches || !self_is_able);
  if (!self_is_able && options_.empty()) offer_when_stuck();
}

void Engine::offer_own(unsigned self) {
  const Agent& agent = world_.agents[self];
  const bool takes_interrupts = lets_interrupts_in(agent);
  if (takes_interrupts && has_interrupt(agent)) {
    add_option(self, agent.is_kicked ? Act::kick : Act::timer, Price::free);
    if (agent.state == AgentState::ready) add_option(self, Act::go_on, Price::interrupt);
    return;
  }
  add_option(self, Act::go_on, Price::free);
  if (takes_interrupts && agent.deadline != k_never) {
    add_option(self, Act::timer, Price::interrupt);
  }
}

void Engine::offer_others(unsigned self, bool self_is_able, bool offers_switches) {
  if (!offers_switches) return;
  const Price price = self_is_able ? Price::preemption : Price::free;
  size_t free_options = options_.size();
  // In the order of their numbers, from this one on: so the plain way is a round.
  for (unsigned step = 1; step <= world_.agent_count; ++step) {
    const unsigned number = (self + step) % world_.agent_count;
    const Agent& other = world_.agents[number];
    if (number == self && self_is_able) continue;
    if (number != self && is_able(other)) {
      Act act = Act::go_on;
      if (lets_interrupts_in(other) && has_interrupt(other)) {
        act = other.is_kicked ? Act::kick : Act::timer;
      }
      if (self_is_able) {
        add_option(number, act, price);
      } else {
        options_.insert(options_.begin() + static_cast<ptrdiff_t>(free_options++),
                        {static_cast<uint8_t>(number), act, 0, price});
      }
    } else if ((other.state == AgentState::halted || other.state == AgentState::sleeping) &&
               other.deadline != k_never && (self_is_able || !options_.empty())) {
      add_option(number, Act::timer, Price::interrupt);
    } else if (other.state == AgentState::sleeping && (self_is_able || !options_.empty())) {
      add_option(number, Act::kick, Price::interrupt);  // a false alarm
    }
  }
}

// Nobody can go on by himself. Time passes until the next timer; or a busy wait goes another round,
// since it may count them.
void Engine::offer_when_stuck() {
  Instant first = k_never;
  const auto waits_for_time = [](const Agent& agent) {
    return agent.deadline != k_never &&
           (agent.state == AgentState::halted || agent.state == AgentState::sleeping ||
            (agent.state == AgentState::spinning && agent.interrupts_on));
  };
  for (const Agent& agent : world_.agents) {
    if (waits_for_time(agent)) first = std::min(first, agent.deadline);
  }
  for (unsigned i = 0; i < world_.agent_count && first != k_never; ++i) {
    const Agent& agent = world_.agents[i];
    if (waits_for_time(agent) && agent.deadline == first) add_option(i, Act::timer, Price::free);
  }
  if (!options_.empty() || ++fruitless_spins_ > k_most_fruitless_spins) return;
  for (unsigned step = 1; step <= world_.agent_count; ++step) {
    const unsigned i = (world_.current + step) % world_.agent_count;
    if (world_.agents[i].state == AgentState::spinning) {
      add_option(i, Act::go_on, Price::free);
      return;
    }
  }
}

Option Engine::pick(bool offers_switches) {
  collect_options(offers_switches);
  if (options_.empty()) fail_stuck();
  return options_[ask(options_)];
}

size_t Engine::ask(std::span<const Option> options, bool is_of_store) {
  if (options.size() == 1) return 0;
  const OnHost on_host(*this);
  const Agent& self = agent();
  uint64_t state = world_.trace;
  state = (state ^ (world_.current * 0x9e3779b97f4a7c15u)) * 0xff51afd7ed558ccdu;
  state = (state ^ self.tick ^ static_cast<uint64_t>(is_of_store) << 40) * 0xc4ceb9fe1a85ec53u;
  const Moment moment{static_cast<uint8_t>(world_.current), self.tick, state};
  const int answer = chooser_->choose(moment, options);
  if (answer == Chooser::k_cut) {
    is_cut_ = true;
    phase_ = Phase::off;
    leave_to_driver();
    std::abort();  // a run that was cut is not gone on with
  }
  const auto chosen = static_cast<size_t>(answer);
  if (chosen != 0) deviations_.push_back({moment.agent, moment.tick, options[chosen]});
  return chosen;
}

void Engine::fail_stuck() {
  const OnHost on_host(*this);
  Finding finding;
  finding.verdict = Verdict::lost_wakeup;
  machine_.explain_stuck(finding);
  fail(std::move(finding));
}

}  // namespace weft::explore
