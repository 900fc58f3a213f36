// rm [-r] [-f] FILE...
#include "userlib/bin/files/tree.hh"

namespace weft {

int rm_main(Arguments arguments) {
  bool recursive = false;
  bool is_forced = false;
  OptionParser options(arguments, "rRf");
  while (const auto option = options.next()) {
    if (option->letter == 'f') {
      is_forced = true;
    } else {
      recursive = true;
    }
  }
  if (options.wrong()) return 2;
  if (options.rest().empty() && !is_forced) return complain(arguments, "which file?");
  int status = 0;
  for (const char* path : options.rest()) {
    const std::string_view name = base_name(path);
    const auto found = status_of_link(path);
    if (name == "." || name == "..") {
      status = complain(arguments, "'.' and '..' are not removed");
    } else if (!found) {
      if (!is_forced || found.error() != Errno::noent)
        status = complain(arguments, path, found.error());
    } else if (recursive) {
      if (!remove_tree(arguments, path)) status = 1;
    } else if (is_directory(*found)) {
      status = complain(arguments, path, Errno::isdir);
    } else if (const auto done = sys::unlink(path); !done) {
      status = complain(arguments, path, done.error());
    }
  }
  return status;
}

}  // namespace weft
