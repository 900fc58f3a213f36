// ThreadMachine: a machine whose CPUs are host threads and whose clock is the host's. Here the core
// really runs in parallel, under TSan.
#pragma once

#include <array>
#include <atomic>
#include <chrono>

#include "unit/hal_threads/cpu.hh"
#include "unit/support/host.hh"

namespace weft::threads {

class ThreadMachine {
 public:
  static ThreadMachine& the();
  ThreadMachine();

  // host.hh
  void power_on(const host::Power& power, void (*boot)());
  void start_other_cpus();
  [[noreturn]] void power_off();

  // hal.hh
  unsigned cpu_count() const { return cpu_count_; }
  void kick(unsigned cpu);
  void relax();
  bool interrupts_off();
  void interrupts_on(bool were_on);
  void wait_for_interrupt();
  Instant now();
  void switch_context(hal::Context& from, hal::Context& to);

 private:
  Instant clock() const;
  // Runs what is due, if this CPU's interrupts are on.
  void take_interrupts();
  bool has_interrupt(const Cpu& cpu) const { return cpu.is_kicked || cpu.deadline <= clock(); }
  // Leaves the stack in use for ever, for the host thread's own.
  [[noreturn]] void go_home();

  std::array<Cpu, hal::k_max_cpus> cpus_;
  unsigned cpu_count_ = 1;
  bool is_on_ = false;
  std::atomic<bool> is_stopping_{false};
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace weft::threads
