// From the first instruction to main().
#include <cstdint>

#include "core/base/assert.hh"
#include "userlib/base/print.hh"
#include "userlib/sys/auxiliary.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/tls.hh"
#include "userlib/syscalls.hh"

// A freestanding compiler gives main() an ordinary C++ name, unless it is declared extern "C". Either
// is fine; the program has one of them.
extern "C" [[gnu::weak]] int main(int argc, char** argv);
[[gnu::weak]] int cpp_main(int argc, char** argv) asm("_Z4mainiPPc");

// The constructors of global objects: a table that the linker puts together.
extern "C" void (*__init_array_start[])(int, char**, char**);
extern "C" void (*__init_array_end[])(int, char**, char**);

namespace weft {

void exit(int status) {
  out.flush();
  sys::exit_group(status);
}

// A broken promise in a program (core/base/assert.hh): tell, and die by SIGILL.
void panic(const char* reason, const char* file, int line) {
  out.flush();
  print_error("{} at {}:{}\n", reason, file, line);
  __builtin_trap();
}

extern "C" [[noreturn]] void weft_start(uint64_t* stack) {
  sys::detail::read_start_stack(stack);
  sys::set_up_first_tls();
  const int argc = static_cast<int>(stack[0]);
  char** argv = reinterpret_cast<char**>(stack + 1);
  for (auto* each = __init_array_start; each != __init_array_end; ++each) {
    (*each)(argc, argv, argv + argc + 1);
  }
  exit(main != nullptr ? main(argc, argv) : cpp_main(argc, argv));
}

}  // namespace weft
