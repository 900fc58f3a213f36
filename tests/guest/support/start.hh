// What the kernel puts on a program's first stack: arguments, environment, auxiliary vector.
#pragma once

#include <cstdint>

namespace weft::guest {

struct AuxiliaryEntry {
  uint64_t type;
  uint64_t value;
};

struct StartStack {
  const uint64_t* raw;  // the stack pointer at the first instruction
  int argument_count;
  char** arguments;
  char** environment;
  const AuxiliaryEntry* auxiliary;
};

extern StartStack g_start;

// The value that came with AT_..., or 0.
uint64_t auxiliary_value(uint64_t type);

// Each program defines this one; its result is the exit status.
int main_program(const StartStack& start);

}  // namespace weft::guest
