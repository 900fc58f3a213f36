// From one stack to another: what the fibers of the host machines and of the explorer stand on.
#pragma once

#include <cstdint>

namespace weft::host {

// Saves the callee-saved registers on the stack and the stack pointer in *save, takes the stack pointer
// `restore` and what was saved there. What the other side gets back, or for its first argument if it is
// new, is `passed`.
void* switch_stack(void** save, void* restore, void* passed);

// Makes a stack that ends there as switch_stack() leaves one: begin(passed) will be called, and never
// returns. Its stack pointer.
void* prepare_stack(uintptr_t top, void (*begin)(void* passed));

}  // namespace weft::host
