// hal.hh for the explorer: what the core asks of a machine are steps of the engine.
#include "core/hal.hh"

#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"
#include "unit/support/host_memory.hh"

namespace weft::hal {
namespace {

using explore::engine;
using explore::ground;
using explore::Ground;

uint32_t caller(const void* return_address) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(return_address)) - 1;
}

}  // namespace

unsigned cpu_id() { return engine.current(); }
unsigned cpu_count() { return engine.world().agent_count; }
void kick_cpu(unsigned cpu) { engine.kick(cpu, caller(__builtin_return_address(0))); }
void relax() { engine.relax(caller(__builtin_return_address(0))); }

Thread* current() { return engine.agent().current; }
void set_current(Thread* thread) { engine.agent().current = thread; }

bool irq_save() {
  if (!engine.agent().interrupts_on) return false;
  engine.interrupts_off(caller(__builtin_return_address(0)));
  return true;
}
void irq_disable() {
  if (engine.agent().interrupts_on) engine.interrupts_off(caller(__builtin_return_address(0)));
}
void irq_restore(bool were_on) {
  if (were_on) engine.interrupts_on(caller(__builtin_return_address(0)));
}
bool is_set(const Atomic<bool>& flag) { return flag.load(relaxed); }
bool irq_enabled() { return engine.agent().interrupts_on; }
void wait_for_interrupt() { engine.halt(caller(__builtin_return_address(0))); }

Instant now() { return engine.clock(); }
void arm_timer(Instant deadline) { engine.agent().deadline = deadline; }

// The core's own stack stays unused: a fiber has one that the engine can put back.
void init_context(Context& context, void*, size_t, void (*entry)(void*), void* argument) {
  context.host = &ground.make_fiber(entry, argument);
  ground.note_write(reinterpret_cast<uintptr_t>(&context), sizeof context);
}
void switch_context(Context& from, Context& to) {
  auto* self = engine.agent().fiber;
  from.host = self;
  ground.note_write(reinterpret_cast<uintptr_t>(&from), sizeof from);
  auto* next = static_cast<explore::Fiber*>(to.host);
  engine.agent().fiber = next;
  explore::switch_fiber(*self, *next);
}
void drop_context(Context& context) {
  context.host = nullptr;
  ground.note_write(reinterpret_cast<uintptr_t>(&context), sizeof context);
}

// ---- Memory --------------------------------------------------------------------------------------------

void* phys_to_virt(PhysAddr address) {
  return reinterpret_cast<void*>(Ground::k_memory + raw(address) - raw(host::k_memory_base));
}
PhysAddr virt_to_phys(const void* pointer) {
  return host::k_memory_base + (reinterpret_cast<uintptr_t>(pointer) - Ground::k_memory);
}

void zero_page(void* page) {
  ground.note_write(reinterpret_cast<uintptr_t>(page), k_page_size);
  __builtin_memset(page, 0, k_page_size);
}

// The kernel's area is memory of its own, which is always there.
Area kernel_area() { return {Ground::k_area, Ground::k_area_size}; }
Result<> map_kernel(VirtAddr, PhysAddr) { return {}; }
void unmap_kernel(VirtAddr) {}
void flush_kernel(VirtAddr, size_t) {}

// ---- The console and the end ---------------------------------------------------------------------------

void write_log(std::string_view) {}
size_t backtrace(std::span<uintptr_t>) { return 0; }
void write_address(uintptr_t) {}

void stop(std::string_view reason) { engine.fail_stop(reason); }

}  // namespace weft::hal
