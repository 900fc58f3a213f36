// What instrumented code calls of the engine. It must not include the engine's own headers: their inline
// functions would be compiled with hooks, and the linker could take those for the engine's own.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::explore {

// A new agent that will call entry(argument) on a stack of its own.
void add_agent(const char* name, void (*entry)(void*), void* argument);
// One more thread of the scenario will come to its end.
void add_body();
// Called by that thread: before its first line, and after its last.
void wait_at_gate();
void finish_body();
// The agent ends with it.
[[noreturn]] void end_agent();

// The top of one more stack that an agent may run on.
uintptr_t take_stack();

// Set-up: the others go on, one after the other, until they halt or stand at their gates.
void settle();
// The end of the scenario.
[[noreturn]] void end_run();
[[noreturn]] void fail_stop(std::string_view reason);

// How many system calls the threads have made in this run to wait for a futex or to wake somebody there.
uint64_t futex_calls();

// An interrupt's handler begins and ends on this CPU.
void begin_handler();
void end_handler();
// Interrupts are on again, on whatever CPU the code runs on now.
void return_from_interrupt();

}  // namespace weft::explore
