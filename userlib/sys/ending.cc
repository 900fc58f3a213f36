// The ends of a program, when there is no C library: see also start.cc.
#include "core/base/assert.hh"
#include "userlib/base/print.hh"
#include "userlib/sys/exit.hh"
#include "userlib/syscalls.hh"

namespace weft {

void exit(int status) {
  out.flush();
  sys::exit_group(status);
}

// A broken promise in a program (core/base/assert.hh): tell, and die by SIGILL.
void panic(const char* reason, const char* file, int line) noexcept {
  out.flush();
  print_error("{} at {}:{}\n", reason, file, line);
  __builtin_trap();
}

void throw_error(Errno error, const char* what) {
  out.flush();
  print_error("{}: {}\n", what, error);
  __builtin_trap();
}

}  // namespace weft
