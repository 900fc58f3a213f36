// hal.hh and host.hh for the simulated machine.
#include "core/hal.hh"

#include "unit/hal_sim/simulation.hh"
#include "unit/support/fiber.hh"
#include "unit/support/host.hh"

namespace weft::hal {
namespace {

sim::Simulation& machine() { return sim::Simulation::the(); }

}  // namespace

unsigned cpu_id() { return machine().cpu_id(); }
unsigned cpu_count() { return machine().cpu_count(); }
void kick_cpu(unsigned cpu) { machine().kick(cpu); }
void relax() { machine().relax(); }

Thread* current() { return machine().running_cpu().current; }
void set_current(Thread* thread) { machine().running_cpu().current = thread; }

bool irq_save() { return machine().interrupts_off(); }
void irq_disable() { (void)irq_save(); }
void irq_restore(bool were_on) { machine().interrupts_on(were_on); }
bool is_set(const Atomic<bool>& flag) { return flag.load(relaxed); }
bool irq_enabled() { return machine().running_cpu().interrupts_on; }
void wait_for_interrupt() { machine().wait_for_interrupt(); }

Instant now() { return machine().now(); }
void arm_timer(Instant deadline) { machine().arm_timer(deadline); }

void init_context(Context& context, void*, size_t, void (*entry)(void*), void* argument) {
  context.host = host::Fiber::create(entry, argument);
}
void switch_context(Context& from, Context& to) { machine().switch_context(from, to); }
void drop_context(Context& context) {
  host::Fiber::destroy(static_cast<host::Fiber*>(context.host));
  context.host = nullptr;
}

}  // namespace weft::hal

namespace weft::host {

Kind kind() { return Kind::simulated; }
void power_on(const Power& power, void (*boot)()) { sim::Simulation::the().power_on(power, boot); }
void start_other_cpus() { sim::Simulation::the().start_other_cpus(); }
void power_off() { sim::Simulation::the().power_off(); }
std::string describe_moment() { return sim::Simulation::the().describe_moment(); }

StackBounds stack_bounds() {
  const Fiber* fiber = sim::Simulation::the().running_cpu().running;
  return fiber != nullptr ? fiber->stack() : host_thread_stack();
}

}  // namespace weft::host
