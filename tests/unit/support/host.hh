// What the two host machines offer besides hal.hh: to be switched on and off. Machine (machine.hh)
// stands on it, so that one test source runs on either.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/hal.hh"
#include "unit/support/fiber.hh"

namespace weft::host {

// One host thread and a virtual clock, or a host thread for each CPU.
enum class Kind { simulated, threads };
Kind kind();

struct Power {
  unsigned cpus = 1;
  uint64_t seed = 1;  // hal_sim: who runs when
};

// Runs boot() as the first code of CPU 0, interrupts off, on a stack of its own. Returns after
// power_off(). Before and after, the caller is "CPU 0" with no other, interrupts on.
void power_on(const Power& power, void (*boot)());
// The other CPUs start, each at upcall::on_cpu_start().
void start_other_cpus();
// Ends the machine when all other CPUs have come to rest in wait_for_interrupt(). The stacks of all
// threads are dropped where they are. Called by a thread, interrupts on.
[[noreturn]] void power_off();

// Called when a machine gets stuck, to tell the threads and what they wait for.
void set_reporter(void (*report)());
void report_threads();

// What hal::write_log() was given since the machine was switched on (the last 64 KiB of it).
std::string log_text();
void clear_log();

// ---- Between a machine and the common part (host_console.cc) ----------------------------------

// Where and when the machine is, in words, for a report: "CPU 2 at 1,204 ns, seed 7".
std::string describe_moment();
// Prints the reason, the moment, who runs, and ends the program with abort().
[[noreturn]] void stop(std::string_view reason);
// The bounds of the stack in use, for a backtrace.
StackBounds stack_bounds();

}  // namespace weft::host
