// mv [-f] [-v] FROM... TO
#include "userlib/base/print.hh"
#include "userlib/bin/files/tree.hh"

namespace weft {
namespace {

bool move(Arguments arguments, const char* from, const String& to) {
  const auto done = sys::rename(from, to.c_str());
  if (done) return true;
  if (done.error() != Errno::xdev) {
    complain(arguments, from, done.error());
    return false;
  }
  // From one file system to another: a copy, and then without the original.
  const CopyWishes wishes{.recursive = true, .keeps_times_and_rights = true, .tells = false};
  return copy_tree(arguments, from, to, wishes) && remove_tree(arguments, from);
}

}  // namespace

int mv_main(Arguments arguments) {
  bool tells = false;
  OptionParser options(arguments, "fv");
  while (const auto option = options.next()) {
    if (option->letter == 'v') tells = true;
  }
  if (options.wrong()) return 2;
  const Arguments paths = options.rest();
  if (paths.size() < 2) return complain(arguments, "from where to where?");
  const char* to = paths.back();
  const auto target = status_of(to);
  if (paths.size() > 2 && !(target && is_directory(*target)))
    return complain(arguments, to, Errno::notdir);
  int status = 0;
  for (const char* from : paths.first(paths.size() - 1)) {
    const String place = destination(from, to);
    if (!move(arguments, from, place)) {
      status = 1;
    } else if (tells) {
      print("{} -> {}\n", from, place.view());
    }
  }
  return status;
}

}  // namespace weft
