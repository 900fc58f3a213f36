// Simulation: a machine whose CPUs take turns on one host thread, under a virtual clock.
//
// Every hal call is a step. At a step the clock goes on a little, an interrupt that is due comes in
// (if the CPU lets it), and the Chooser says which CPU makes the next step; all others stand still
// meanwhile. So a run is determined by the Chooser's answers.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "core/hal.hh"
#include "unit/hal_sim/chooser.hh"
#include "unit/support/fiber.hh"
#include "unit/support/host.hh"

namespace weft::sim {

struct Cpu {
  Thread* current = nullptr;
  host::Fiber* running = nullptr;  // runs now, or goes on at this CPU's next turn
  bool is_online = false;
  bool interrupts_on = false;
  bool is_halted = false;
  bool is_kicked = false;
  Instant deadline = k_never;
};

class Simulation {
 public:
  static Simulation& the();
  Simulation() { switch_off(); }

  // host.hh. The chooser that was set, or else a RandomChooser, is used up by one run.
  void power_on(const host::Power& power, void (*boot)());
  void start_other_cpus();
  [[noreturn]] void power_off();
  void set_chooser(std::unique_ptr<Chooser> chooser) { next_chooser_ = std::move(chooser); }
  // A run that makes more steps than this has run wild, and is stopped.
  void set_most_steps(uint64_t steps) { most_steps_ = steps; }

  // hal.hh, each a step where it says so.
  bool interrupts_off();
  void interrupts_on(bool were_on);
  void relax();
  void kick(unsigned cpu);
  Instant now();
  void arm_timer(Instant deadline);
  void switch_context(hal::Context& from, hal::Context& to);
  void wait_for_interrupt();

  Cpu& running_cpu() { return cpus_[turn_]; }
  unsigned cpu_id() const { return turn_; }
  unsigned cpu_count() const { return cpu_count_; }
  uint64_t steps() const { return step_; }
  std::string describe_moment() const;

 private:
  // No machine: the caller is CPU 0, alone, with interrupts on.
  void switch_off();
  void step(Point point);
  void elapse(Point point);
  // Lets another CPU go on, if the chooser wants. Returns at this CPU's next turn.
  void pass_turn(Point point);
  // The CPU's interrupts are on: runs what is due.
  void take_interrupts();
  bool has_interrupt(const Cpu& cpu) const { return cpu.is_kicked || cpu.deadline <= clock_; }
  bool is_able(const Cpu& cpu) const {
    return cpu.is_online && (!cpu.is_halted || has_interrupt(cpu));
  }
  // All CPUs let interrupts in: so a report may take locks.
  bool spin_locks_are_free() const;
  [[noreturn]] void stop_stuck(std::string_view reason);
  size_t find_able(std::array<unsigned, hal::k_max_cpus>& able) const;
  Instant first_deadline() const;
  bool others_are_at_rest() const;

  std::array<Cpu, hal::k_max_cpus> cpus_;
  unsigned cpu_count_ = 1;
  unsigned turn_ = 0;  // the CPU that makes this step
  bool is_on_ = false;
  Instant clock_ = 0;
  uint64_t step_ = 0;
  uint64_t most_steps_ = k_most_steps;
  uint64_t seed_ = 0;
  std::unique_ptr<Chooser> chooser_;
  std::unique_ptr<Chooser> next_chooser_;
  host::Fiber* driver_ = nullptr;  // who called power_on

  static constexpr uint64_t k_most_steps = 20'000'000;
};

}  // namespace weft::sim
