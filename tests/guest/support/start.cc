// The first instructions of a guest program: the stack as the kernel made it, handed to main_program.
#include "guest/support/start.hh"

#include "guest/support/calls.hh"

namespace weft::guest {

extern "C" [[gnu::used, noreturn]] void start_program(const uint64_t* stack) {
  StartStack start;
  start.raw = stack;
  start.argument_count = static_cast<int>(stack[0]);
  start.arguments = reinterpret_cast<char**>(const_cast<uint64_t*>(stack + 1));
  start.environment = start.arguments + start.argument_count + 1;
  char** last = start.environment;
  while (*last != nullptr) ++last;
  start.auxiliary = reinterpret_cast<const AuxiliaryEntry*>(last + 1);
  g_start = start;
  sys::exit_group(main_program(start));
  __builtin_unreachable();
}

StartStack g_start;

uint64_t auxiliary_value(uint64_t type) {
  for (const AuxiliaryEntry* entry = g_start.auxiliary; entry->type != 0; ++entry) {
    if (entry->type == type) return entry->value;
  }
  return 0;
}

}  // namespace weft::guest

extern "C" [[gnu::naked, noreturn]] void _start() {
  asm("xor %ebp, %ebp\n\t"
      "mov %rsp, %rdi\n\t"
      "and $-16, %rsp\n\t"
      "call start_program\n\t"
      "ud2");
}
