// cp [-r] [-p] [-v] FROM... TO
#include "userlib/bin/files/tree.hh"

namespace weft {

int cp_main(Arguments arguments) {
  CopyWishes wishes;
  OptionParser options(arguments, "rRapvf");
  while (const auto option = options.next()) {
    if (std::string_view("rRa").contains(option->letter)) wishes.recursive = true;
    if (std::string_view("pa").contains(option->letter)) wishes.keeps_times_and_rights = true;
    if (option->letter == 'v') wishes.tells = true;
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
    if (!copy_tree(arguments, from, destination(from, to), wishes)) status = 1;
  }
  return status;
}

}  // namespace weft
