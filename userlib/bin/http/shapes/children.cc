#include "userlib/bin/http/shapes/children.hh"

#include "userlib/syscalls.hh"

namespace weft::http {

Result<exit_status> wait_for_child() {
  for (;;) {
    int status = 0;
    const auto child = sys::wait4(-1, &status, 0, nullptr);
    if (child) return exit_status(status);
    if (child.error() != Errno::intr) return fail(child.error());
  }
}

}  // namespace weft::http
