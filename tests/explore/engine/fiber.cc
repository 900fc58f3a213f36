#include "explore/engine/fiber.hh"

#include <cstdlib>

#include "unit/support/stack_switch.hh"

namespace weft::explore {
namespace {

void begin(void* self) {
  const Fiber& fiber = *static_cast<Fiber*>(self);
  fiber.entry(fiber.argument);
  std::abort();  // an entry never returns
}

}  // namespace

void init_fiber(Fiber& fiber, uintptr_t stack_top, void (*entry)(void*), void* argument) {
  fiber = {host::prepare_stack(stack_top, begin), stack_top, entry, argument};
}

void switch_fiber(Fiber& from, Fiber& to) {
  host::switch_stack(&from.stack_pointer, to.stack_pointer, &to);
}

}  // namespace weft::explore
