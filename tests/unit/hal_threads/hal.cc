// hal.hh and host.hh for the machine whose CPUs are host threads.
#include "core/hal.hh"

#include "unit/hal_threads/thread_machine.hh"
#include "unit/support/host.hh"

namespace weft::hal {
namespace {

threads::ThreadMachine& machine() { return threads::ThreadMachine::the(); }

// A hal call may be the first thing that uses the machine.
threads::Cpu& this_cpu() {
  machine();
  return threads::this_cpu();
}

}  // namespace

unsigned cpu_id() { return this_cpu().id; }
unsigned cpu_count() { return machine().cpu_count(); }
void kick_cpu(unsigned cpu) { machine().kick(cpu); }
void relax() { machine().relax(); }

Thread* current() { return this_cpu().current; }
void set_current(Thread* thread) { this_cpu().current = thread; }

bool irq_save() { return machine().interrupts_off(); }
void irq_disable() { (void)irq_save(); }
void irq_restore(bool were_on) { machine().interrupts_on(were_on); }
bool is_set(const Atomic<bool>& flag) { return flag.load(relaxed); }
bool irq_enabled() { return this_cpu().interrupts_on; }
void wait_for_interrupt() { machine().wait_for_interrupt(); }

Instant now() { return machine().now(); }
void arm_timer(Instant deadline) { this_cpu().deadline = deadline; }

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

Kind kind() { return Kind::threads; }
void power_on(const Power& power, void (*boot)()) {
  threads::ThreadMachine::the().power_on(power, boot);
}
void start_other_cpus() { threads::ThreadMachine::the().start_other_cpus(); }
void power_off() { threads::ThreadMachine::the().power_off(); }
std::string describe_moment() {
  return "CPU " + std::to_string(hal::cpu_id()) + " of " + std::to_string(hal::cpu_count());
}
StackBounds stack_bounds() {
  const Fiber* fiber = hal::this_cpu().running;
  return fiber != nullptr ? fiber->stack() : host_thread_stack();
}

}  // namespace weft::host
