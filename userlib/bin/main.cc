// The multi-call binary: one file, and a link for each program. Called by its own name it takes the
// program's name as its first argument.
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"

int main(int argc, char** argv) {
  weft::Arguments arguments(argv, static_cast<size_t>(argc));
  if (arguments.empty()) return 127;
  std::string_view name = weft::base_name(arguments[0]);
  if (name == "weftbox" && arguments.size() > 1) {
    arguments = arguments.subspan(1);
    name = weft::base_name(arguments[0]);
  }
  if (name.starts_with('-')) name.remove_prefix(1);  // a shell that was started by a log-in
  const weft::Tool* tool = weft::find_tool(name);
  if (tool == nullptr) {
    weft::print_error("{}: there is no such program here\n", name);
    return 127;
  }
  return tool->run(arguments);
}
