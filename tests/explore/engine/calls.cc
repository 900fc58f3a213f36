#include "explore/engine/calls.hh"

#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"

namespace weft::explore {

void add_agent(const char* name, void (*entry)(void*), void* argument) {
  engine.add_agent(ground.make_fiber(entry, argument), name);
}
void add_body() { engine.add_body(); }
void wait_at_gate() { engine.wait_at_gate(); }
void finish_body() { engine.finish_body(); }
void end_agent() { engine.end_agent(); }
uintptr_t take_stack() { return ground.take_stack(); }
void settle() { engine.settle(); }
void end_run() { engine.end_run(); }
void fail_stop(std::string_view reason) { engine.fail_stop(reason); }

void begin_handler() {
  engine.agent().interrupts_on = false;
  engine.agent().is_in_handler = true;
}
void end_handler() { engine.agent().is_in_handler = false; }
void return_from_interrupt() { engine.agent().interrupts_on = true; }

uint64_t futex_calls() { return engine.futex_calls(); }

}  // namespace weft::explore
