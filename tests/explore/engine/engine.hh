// Engine: runs a scenario again and again, each time as a Chooser says. Between two steps of an agent
// any other may go on; a step is an atomic access, a hal call, or a wait. What lies between is plain
// code, which nobody can observe in the middle, unless it races: and races are found apart.
//
//   driver (the host's stack)            director (agent 0)               agents 1, 2, ...
//   prepare: starts the director  - - -> the scenario's set-up
//                                        run_agents()               <- -> come to their gates
//   save the ground             <- - - -
//   run: restore, choose  - - - - - - - - - - - - - - - - - - - - - - - > step, step, ...
//                                        the scenario's checks  <- - - -  the last one ends
//   the next run                <- - - -
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/atomic.hh"
#include "explore/engine/choice.hh"
#include "explore/engine/event.hh"
#include "explore/engine/locations.hh"
#include "explore/engine/races.hh"
#include "explore/engine/verdict.hh"
#include "explore/engine/world.hh"

namespace weft::explore {

// What the engine asks of the machine that it runs: bare threads, or the kernel's core.
struct Machine {
  // A kick or the timer comes in, on the running agent.
  void (*take_interrupt)(Act act) = nullptr;
  // Who runs on the current agent, for the story.
  const char* (*thread_name)() = nullptr;
  // Nobody can go on: says who waits for what. The verdict is deadlock or lost_wakeup.
  void (*explain_stuck)(Finding& finding) = nullptr;
};

enum class RunEnd : uint8_t { completed, cut, failed };

class Engine {
 public:
  // ---- The driver's side ---------------------------------------------------------------------------

  // Runs the scenario's set-up, as far as run_agents(). Once in a process.
  void prepare(const Machine& machine, void (*scenario)());
  RunEnd run(Chooser& chooser);
  const Finding& finding() const { return finding_; }
  // The choices of the last run that were not the plain ones.
  const Schedule& deviations() const { return deviations_; }
  // The events of a run, kept while this is on.
  void record_events(bool on) { is_recording_ = on; }
  const std::vector<Event>& events() const { return events_; }
  // What the scenario said came of the last run.
  uint64_t outcome() const { return outcome_; }
  uint64_t steps() const { return steps_; }
  uint32_t steps_of_run() const { return steps_of_run_; }
  // Before the first run of a search: choices will be offered wherever agents are known to meet by now.
  // True if more of such places are known than at the last call.
  bool learn_sharing();
  // Another program begins: nothing is known any more.
  void forget_sharing();
  void set_most_steps(uint32_t steps) { most_steps_ = steps; }
  unsigned bodies() const { return world_.bodies; }

  // ---- The scenario's side, called on the director's fiber --------------------------------------------

  // A new agent that will run there.
  unsigned add_agent(Fiber& fiber, const char* name);
  void add_body() { ++world_.bodies; }
  // The others go on, one after the other, until they halt or stand at their gates.
  void settle();
  // All agents run until the last body has ended.
  void run_agents();
  // The scenario's last line.
  [[noreturn]] void end_run();

  // ---- Any agent's side ----------------------------------------------------------------------------

  bool is_running() const { return phase_ == Phase::running; }
  // Watches plain accesses and makes steps of atomic ones.
  bool is_watching() const { return phase_ == Phase::running || phase_ == Phase::closing; }
  // Code of the scenario or under test runs, not the engine's own.
  bool is_scenarios_turn() const { return phase_ != Phase::off && host_depth_ == 0; }
  World& world() { return world_; }
  Agent& agent() { return world_.agents[world_.current]; }
  unsigned current() const { return world_.current; }

  // Who holds the lock that this word is, as far as that can be seen; 0: nobody.
  unsigned owner_of(uintptr_t address);

  void wait_at_gate();
  // The scenario's thread has done what it should.
  void finish_body();
  // The agent ends.
  [[noreturn]] void end_agent();
  void observe(uint64_t outcome) { outcome_ = outcome; }
  [[noreturn]] void fail(Finding finding);
  [[noreturn]] void fail_check(const char* promise, const void* return_address);
  // The code under test has stopped the machine.
  [[noreturn]] void fail_stop(std::string_view reason);
  // At the end of a run: whatever was allocated in it has been freed.
  void check_leaks();

  // ---- Steps (steps.cc, memory_model.cc) -------------------------------------------------------------

  uint64_t load(uintptr_t address, unsigned size, memory_order order, uint32_t place);
  void store(uintptr_t address, unsigned size, uint64_t value, memory_order order, uint32_t place);
  // Changes the word to change(old, argument); returns the old value.
  using Change = uint64_t (*)(uint64_t old, uint64_t argument);
  uint64_t update(uintptr_t address, unsigned size, Change change, uint64_t argument,
                  memory_order order, uint32_t place);
  // Returns whether it was `expected`; what it was, in `expected`.
  bool compare_exchange(uintptr_t address, unsigned size, uint64_t& expected, uint64_t desired,
                        memory_order success, memory_order failure, uint32_t place);
  void fence(memory_order order, uint32_t place);
  // All agents make a sequentially consistent fence, each between two of its steps; this one before the
  // others, and after them.
  void heavy_fence(uint32_t place);
  void plain_access(size_t granule, const Access& access);
  // The memory is the heap's again: no access to it is right.
  void note_freed(uintptr_t address, size_t size) { races_.mark_freed(address, size); }

  void interrupts_off(uint32_t place);
  void interrupts_on(uint32_t place);
  void kick(unsigned agent, uint32_t place);
  void relax(uint32_t place);
  void halt(uint32_t place);
  Instant clock();

  // Sleeps while the word has that value: true if woken, false at the end of the time, or at once
  // when the word has another value (`has_slept` tells).
  bool futex_wait(uintptr_t address, uint32_t expected, Instant deadline, bool& has_slept,
                  uint32_t place);
  unsigned futex_wake(uintptr_t address, unsigned most, uint32_t place);
  uint64_t futex_calls() const { return world_.futex_calls; }

 private:
  // While it lives, the engine allocates from the host.
  class OnHost {
   public:
    explicit OnHost(Engine& engine) : depth_(engine.host_depth_) { ++depth_; }
    ~OnHost() { --depth_; }

   private:
    unsigned& depth_;
  };

  enum class Phase : uint8_t { off, setup, running, closing };

  // Returns when the running agent may make its step. Without a location only interrupts matter.
  void arrive(const Location* location);
  void count_step();
  bool needs_choice(const Location* location) const;
  // The agent can't go on for now: others run until it may; how it may.
  Act stop_here(AgentState state);
  Option pick(bool offers_switches);
  void collect_options(bool offers_switches);
  void offer_own(unsigned self);
  void offer_others(unsigned self, bool is_able, bool offers_switches);
  void offer_when_stuck();
  void add_option(unsigned agent, Act act, Price price) {
    options_.push_back({static_cast<uint8_t>(agent), act, 0, price});
  }
  size_t ask(std::span<const Option> options, bool is_of_store = false);
  bool is_able(const Agent& agent) const;
  bool has_interrupt(const Agent& agent) const {
    return agent.is_kicked || agent.deadline <= world_.clock;
  }
  static bool lets_interrupts_in(const Agent& agent) {
    return agent.interrupts_on || agent.state == AgentState::halted;
  }
  void pass_to(unsigned agent);
  void take_interrupt(Act act);
  void take_due_interrupts();
  void choose_for(unsigned agent);
  void leave_to_driver();
  void wait_in_set_up();
  void start_run();
  void run_preludes();
  [[noreturn]] void fail_stuck();

  // Memory model.
  Location& touch(uintptr_t address, unsigned size);
  Location& touch_line(uintptr_t address);
  void note_sharing(Location& location, bool writes);
  uint64_t note_event(Op op, Location& location, bool writes, uint64_t extra);
  void acquire_from(const Store& store, memory_order order);
  Store& make_store(Location& location, uint64_t value, memory_order order, bool continues,
                    uint32_t place);
  uint32_t choose_store(Location& location, memory_order order);
  void check_race(const Access& access);
  void offer_interrupt(size_t granule, bool is_write);
  void note_plain_write(size_t granule, const Access& access);
  void fence_fully(unsigned agent);
  void note_owner(Location& location, uint64_t seen, memory_order order);
  void know_of(const Location& location, const Store& store);
  void watch(const Location& location);
  void advance_clock() { ++views_[world_.current].at[world_.current]; }
  void record(Op op, uintptr_t address, uint64_t seen, uint64_t written, uint32_t place,
              bool is_old = false);
  void find_callers(Event& event) const;
  static uint64_t peek(uintptr_t address, unsigned size);
  static void poke(uintptr_t address, unsigned size, uint64_t value);

  // What is no variable but shared all the same, as addresses of locations.
  static constexpr uintptr_t k_clock = 1;
  static constexpr uintptr_t k_fences = 2;
  static constexpr uintptr_t k_interrupt_lines = 16;  // and the agent's number

  // Who comes to a granule (roles_).
  static constexpr uint8_t k_handler = 1, k_handler_writes = 2;
  static constexpr uint8_t k_interrupted = 4, k_interrupted_writes = 8;
  static constexpr uint8_t k_has_atomics = 16, k_offers_interrupt = 32;

  Machine machine_;
  Phase phase_ = Phase::off;
  unsigned host_depth_ = 0;
  Chooser* chooser_ = nullptr;
  World world_;
  World saved_world_;
  Fiber driver_;
  Option chosen_;
  std::vector<Option> options_;
  Finding finding_;
  bool is_cut_ = false;
  uint64_t outcome_ = 0;
  Schedule deviations_;
  std::vector<Event> events_;
  bool is_recording_ = false;
  std::vector<Location*> newly_contended_;
  std::vector<size_t> newly_interrupted_;  // granules
  uint64_t steps_ = 0;
  uint32_t steps_of_run_ = 0;
  uint32_t most_steps_ = 20'000;
  unsigned fruitless_spins_ = 0;
  // Since the last choice another agent may have come to be able to go on. Then there is a choice,
  // wherever this is: else one that never runs would never show where it meets others.
  bool someone_got_able_ = false;

  Locations locations_;
  Races races_;
  uint8_t* roles_ = nullptr;  // by granule: who touches it, handlers or what they interrupt
  std::array<View, k_most_agents> views_{};
  std::array<View, k_most_agents> to_acquire_{};  // by an acquire fence
  std::array<View, k_most_agents> released_{};    // by a release fence
  View sequential_{};                             // what sequentially consistent fences have seen
};

extern Engine engine;

}  // namespace weft::explore
