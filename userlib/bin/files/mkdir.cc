// mkdir [-p] FOLDER..., and rmdir FOLDER...
#include "userlib/base/file.hh"
#include "userlib/bin/options.hh"

namespace weft {
namespace {

// Makes all folders that lead to this one, too. It may exist.
Result<> make_with_parents(std::string_view path) {
  for (size_t slash = path.find('/', 1); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    (void)sys::mkdir(String(path.substr(0, slash)).c_str(), 0777);
  }
  const String whole = path;
  const auto made = sys::mkdir(whole.c_str(), 0777);
  if (!made && made.error() == Errno::exist && is_directory(TRY(status_of(whole.c_str()))))
    return {};
  return made;
}

}  // namespace

int mkdir_main(Arguments arguments) {
  bool with_parents = false;
  OptionParser options(arguments, "p");
  while (options.next()) with_parents = true;
  if (options.wrong()) return 2;
  if (options.rest().empty()) return complain(arguments, "which folder?");
  int status = 0;
  for (const char* path : options.rest()) {
    const auto made = with_parents ? make_with_parents(path) : sys::mkdir(path, 0777);
    if (!made) status = complain(arguments, path, made.error());
  }
  return status;
}

int rmdir_main(Arguments arguments) {
  if (arguments.size() < 2) return complain(arguments, "which folder?");
  int status = 0;
  for (const char* path : arguments.subspan(1)) {
    const auto removed = sys::rmdir(path);
    if (!removed) status = complain(arguments, path, removed.error());
  }
  return status;
}

}  // namespace weft
