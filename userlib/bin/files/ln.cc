// ln [-s] [-f] FILE NAME: another name for a file; with -s a link that leads to it.
#include "userlib/base/print.hh"
#include "userlib/bin/files/tree.hh"

namespace weft {

int ln_main(Arguments arguments) {
  bool is_symbolic = false;
  bool replaces = false;
  OptionParser options(arguments, "sf");
  while (const auto option = options.next())
    (option->letter == 's' ? is_symbolic : replaces) = true;
  if (options.wrong()) return 2;
  const Arguments paths = options.rest();
  if (paths.empty() || paths.size() > 2) return complain(arguments, "a file and a name are wanted");
  const char* target = paths[0];
  const String name = destination(target, paths.size() > 1 ? paths[1] : ".");
  if (replaces) (void)sys::unlink(name.c_str());
  const auto made =
      is_symbolic ? sys::symlink(target, name.c_str()) : sys::link(target, name.c_str());
  return made ? 0 : complain(arguments, name, made.error());
}

int readlink_main(Arguments arguments) {
  if (arguments.size() != 2) return complain(arguments, "one link is wanted");
  const auto target = link_target(arguments[1]);
  if (!target) return 1;
  print("{}\n", target->view());
  return 0;
}

}  // namespace weft
