// Whose stack was overrun: a question of the machine's page fault handler.
#include "core/hal.hh"
#include "core/mm/kernel_stack.hh"
#include "core/sched/thread.hh"

// Nearly always it is the running thread that leaves its own stack. A wild pointer can hit the guard
// of another one; that thread is not asked for its name, since it may be ending just now.
std::string_view weft::upcall::stack_guard_owner(VirtAddr address) {
  const auto stack = mm::stack_guard_owner(address);
  if (!stack.has_value()) return {};
  const Thread* self = hal::current();
  return self->stack_base == stack->base ? self->name() : "another thread";
}
