// pwd, basename PATH [ENDING], dirname PATH, which NAME...: where things are.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/sys/auxiliary.hh"

namespace weft {

int pwd_main(Arguments arguments) {
  char room[4096];
  const auto length = sys::getcwd(room, sizeof room);
  if (!length) return complain(arguments, ".", length.error());
  print("{}\n", static_cast<const char*>(room));
  return 0;
}

int basename_main(Arguments arguments) {
  if (arguments.size() < 2) return complain(arguments, "which path?");
  std::string_view name = base_name(arguments[1]);
  if (arguments.size() > 2) {
    const std::string_view ending = arguments[2];
    if (name.size() > ending.size() && name.ends_with(ending)) name.remove_suffix(ending.size());
  }
  print("{}\n", name);
  return 0;
}

int dirname_main(Arguments arguments) {
  if (arguments.size() < 2) return complain(arguments, "which path?");
  print("{}\n", directory_name(arguments[1]));
  return 0;
}

int which_main(Arguments arguments) {
  int status = 0;
  for (const char* name : arguments.subspan(1)) {
    bool found = false;
    for (const std::string_view folder :
         split(sys::environment_value("PATH").value_or("/bin"), ':')) {
      const String path = join_path(folder, name);
      if (!sys::access(path.c_str(), abi::k_x_ok)) continue;
      print("{}\n", path.view());
      found = true;
      break;
    }
    if (!found) status = 1;
  }
  return status;
}

}  // namespace weft
