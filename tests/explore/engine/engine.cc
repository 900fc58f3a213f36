#include "explore/engine/engine.hh"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "explore/engine/ground.hh"

namespace weft::explore {

Engine engine;

namespace {

void (*the_scenario)() = nullptr;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "explore: %s\n", what);
  std::abort();
}

}  // namespace

// ---- The driver's side -------------------------------------------------------------------------------

void Engine::prepare(const Machine& machine, void (*scenario)()) {
  machine_ = machine;
  races_.init();
  roles_ = static_cast<uint8_t*>(reserve(ground.granules()));
  options_.reserve(64);
  the_scenario = scenario;
  Agent& director = world_.agents[0];
  director.state = AgentState::ready;
  director.name = "director";
  world_.agent_count = 1;
  director.fiber = &ground.make_fiber(
      [](void*) {
        the_scenario();
        engine.end_run();
      },
      nullptr);
  phase_ = Phase::setup;
  switch_fiber(driver_, *director.fiber);
  if (director.state != AgentState::directing) {
    std::fprintf(stderr, "%s\n", finding_.text.c_str());
    give_up("the scenario's set-up failed, or it never called run()");
  }
  phase_ = Phase::off;
  ground.save();
  saved_world_ = world_;
}

void Engine::start_run() {
  ground.restore();
  world_ = saved_world_;
  races_.start_run();
  locations_.start_run(chooser_->wants_old_stores());
  const unsigned used = chooser_->wants_old_stores() ? k_view_size : k_most_agents;
  for (unsigned i = 0; i < world_.agent_count; ++i) {
    views_[i].clear(used);
    views_[i].at[i] = 1;
    to_acquire_[i].clear(used);
    released_[i].clear(used);
  }
  sequential_.clear(used);
  host_depth_ = 0;
  finding_ = {};
  is_cut_ = false;
  outcome_ = 0;
  deviations_.clear();
  events_.clear();
  steps_of_run_ = 0;
  fruitless_spins_ = 0;
  someone_got_able_ = false;
}

RunEnd Engine::run(Chooser& chooser) {
  chooser_ = &chooser;
  start_run();
  chooser.start_run();
  phase_ = Phase::running;
  run_preludes();
  if (finding_.verdict == Verdict::passed) {
    world_.current = 0;
    switch_fiber(driver_, *world_.agents[0].fiber);  // goes on in run_agents()
  }
  phase_ = Phase::off;
  steps_ += steps_of_run_;
  if (finding_.verdict != Verdict::passed) return RunEnd::failed;
  return is_cut_ ? RunEnd::cut : RunEnd::completed;
}

bool Engine::learn_sharing() {
  const bool is_news = !newly_contended_.empty() || !newly_interrupted_.empty();
  for (Location* location : newly_contended_) location->is_contended = true;
  for (const size_t granule : newly_interrupted_) roles_[granule] |= k_offers_interrupt;
  newly_contended_.clear();
  newly_interrupted_.clear();
  return is_news;
}

void Engine::forget_sharing() {
  learn_sharing();
  locations_.forget_sharing();
}

// Each agent goes on to the first step that others can observe; so the first choice is a real one.
void Engine::run_preludes() {
  for (unsigned i = 1; i < world_.agent_count; ++i) {
    Agent& agent = world_.agents[i];
    if (agent.state != AgentState::gated) continue;
    agent.state = AgentState::ready;
    agent.is_in_prelude = true;
    world_.current = i;
    switch_fiber(driver_, *agent.fiber);
    if (finding_.verdict != Verdict::passed) return;
  }
}

void Engine::leave_to_driver() { switch_fiber(*agent().fiber, driver_); }

void Engine::fail(Finding finding) {
  finding_ = std::move(finding);
  if (phase_ == Phase::off) {
    std::fprintf(stderr, "%s\n", finding_.text.c_str());
    give_up("failed outside of a run");
  }
  phase_ = Phase::off;
  leave_to_driver();
  std::abort();
}

void Engine::fail_check(const char* promise, const void* return_address) {
  const OnHost on_host(*this);
  const auto place = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(return_address)) - 1;
  fail({Verdict::assertion, promise, place, 0});
}

void Engine::fail_stop(std::string_view reason) {
  const OnHost on_host(*this);
  fail({Verdict::assertion, std::string(reason), 0, 0});
}

void Engine::check_leaks() {
  if (world_.live_blocks == 0) return;
  const OnHost on_host(*this);
  fail({Verdict::leak, std::to_string(world_.live_blocks) + " blocks were not freed", 0, 0});
}

// ---- The scenario's side -------------------------------------------------------------------------------

unsigned Engine::add_agent(Fiber& fiber, const char* name) {
  if (world_.agent_count == k_most_agents) give_up("too many agents");
  const unsigned number = world_.agent_count++;
  Agent& agent = world_.agents[number];
  agent = Agent{};
  agent.fiber = &fiber;
  agent.name = name;
  agent.state = AgentState::ready;
  return number;
}

void Engine::run_agents() {
  settle();
  agent().state = AgentState::directing;
  leave_to_driver();
  // Each run goes on here, when all agents stand before their first steps.
  if (world_.finished < world_.bodies) stop_here(AgentState::directing);
  // The last body has ended: the scenario looks at what came of it. It knows all that was done.
  phase_ = Phase::closing;
  for (unsigned i = 1; i < world_.agent_count; ++i) {
    views_[0].join(views_[i], locations_.used_view());
  }
}

void Engine::end_run() {
  leave_to_driver();
  std::abort();  // each run goes on in run_agents()
}

void Engine::settle() {
  const unsigned self = world_.current;
  for (bool has_moved = true; has_moved;) {
    has_moved = false;
    for (unsigned i = 0; i < world_.agent_count; ++i) {
      Agent& other = world_.agents[i];
      if (i == self || !(other.state == AgentState::ready || other.state == AgentState::spinning ||
                         (other.state == AgentState::halted && has_interrupt(other)))) {
        continue;
      }
      has_moved = true;
      choose_for(i);
      pass_to(i);
    }
  }
}

// ---- Any agent's side ----------------------------------------------------------------------------------

void Engine::wait_at_gate() {
  if (phase_ != Phase::setup) return;  // it had no CPU before the run began
  agent().state = AgentState::gated;
  pass_to(0);
}

void Engine::finish_body() {
  if (++world_.finished != world_.bodies) return;
  if (agent().is_in_prelude) {
    leave_to_driver();
  } else {
    pass_to(0);
  }
}

void Engine::end_agent() {
  agent().state = AgentState::ended;
  if (agent().is_in_prelude) {
    leave_to_driver();
  } else {
    stop_here(AgentState::ended);
  }
  std::abort();  // nobody goes back to an agent that has ended
}

}  // namespace weft::explore
