// touch [-c] FILE...: makes files, or gives them the present time. mkfifo NAME...: makes named pipes.
#include "userlib/base/file.hh"
#include "userlib/bin/options.hh"

namespace weft {

int touch_main(Arguments arguments) {
  bool only_existing = false;
  OptionParser options(arguments, "c");
  while (options.next()) only_existing = true;
  if (options.wrong()) return 2;
  int status = 0;
  for (const char* path : options.rest()) {
    auto done = sys::utimensat(abi::k_at_fdcwd, path, nullptr, 0);
    if (!done && done.error() == Errno::noent) {
      if (only_existing) continue;
      const auto made = open_file(path, abi::k_o_wronly | abi::k_o_creat);
      if (made) continue;
      done = fail(made.error());
    }
    if (!done) status = complain(arguments, path, done.error());
  }
  return status;
}

int mkfifo_main(Arguments arguments) {
  int status = 0;
  for (const char* path : arguments.subspan(1)) {
    const auto made = sys::mknod(path, abi::k_s_ififo | 0666, 0);
    if (!made) status = complain(arguments, path, made.error());
  }
  return status;
}

}  // namespace weft
