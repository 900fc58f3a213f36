// Fiber: code on a stack of its own that stops only where it says so. A thread of a scenario, a kernel
// thread and a CPU's idle loop each run as one. Nothing here calls the host's kernel.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::explore {

struct Fiber {
  void* stack_pointer = nullptr;  // while it does not run
  uintptr_t stack_top = 0;
  void (*entry)(void*) = nullptr;
  void* argument = nullptr;
};

// Prepares a fiber that will call entry(argument) when first switched to. The entry never returns.
void init_fiber(Fiber& fiber, uintptr_t stack_top, void (*entry)(void*), void* argument);
// The running fiber stops, and `to` goes on. Returns when somebody switches back.
void switch_fiber(Fiber& from, Fiber& to);

}  // namespace weft::explore
