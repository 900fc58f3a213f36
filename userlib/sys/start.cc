// From the first instruction to main().
#include <cstdint>

#include "userlib/sys/auxiliary.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/foreground.hh"
#include "userlib/sys/tls.hh"

// A freestanding compiler gives main() an ordinary C++ name, unless it is declared extern "C". Either
// is fine; the program has one of them.
extern "C" [[gnu::weak]] int main(int argc, char** argv);
[[gnu::weak]] int cpp_main(int argc, char** argv) asm("_Z4mainiPPc");

// The constructors of global objects: a table that the linker puts together.
extern "C" void (*__init_array_start[])(int, char**, char**);
extern "C" void (*__init_array_end[])(int, char**, char**);

namespace weft {

extern "C" [[noreturn]] void weft_start(uint64_t* stack) {
  sys::detail::read_start_stack(stack);
  sys::set_up_first_tls();
  const int argc = static_cast<int>(stack[0]);
  char** argv = reinterpret_cast<char**>(stack + 1);
  for (auto* each = __init_array_start; each != __init_array_end; ++each) {
    (*each)(argc, argv, argv + argc + 1);
  }
  const int status = main != nullptr ? main(argc, argv) : cpp_main(argc, argv);
  detail::wait_for_foreground_threads();
  exit(status);
}

}  // namespace weft
