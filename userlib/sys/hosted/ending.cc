// The ends of a program, as a C library's program knows them.
#include <cstdlib>
#include <system_error>

#include "core/base/assert.hh"
#include "userlib/base/print.hh"
#include "userlib/sys/exit.hh"
#include "userlib/sys/foreground.hh"

namespace weft {
namespace {

// What was printed is written whichever way the program ends by exit().
struct FlushAtExit {
  ~FlushAtExit() { out.flush(); }
};
const FlushAtExit flush_at_exit;

}  // namespace

void exit(int status) {
  detail::let_foreground_threads_go();
  std::exit(status);
}

void panic(const char* reason, const char* file, int line) noexcept {
  out.flush();
  print_error("{} at {}:{}\n", reason, file, line);
  std::abort();
}

void throw_error(Errno error, const char* what) {
  throw std::system_error(static_cast<int>(error), std::generic_category(), what);
}

}  // namespace weft
