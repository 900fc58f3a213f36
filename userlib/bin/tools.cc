#include "userlib/bin/tools.hh"

namespace weft {
namespace {

constexpr Tool k_tools[] = {
    {"[", test_main, "EXPRESSION ]"},
    {"echo", echo_main, "[-n] [-e] TEXT..."},
    {"kill", kill_main, "[-SIGNAL] PID..."},
    {"printf", printf_main, "FORMAT VALUE..."},
    {"sh", sh_main, "[-ceimnux] [SCRIPT] [ARGUMENT...]"},
    {"test", test_main, "EXPRESSION"},
};

}  // namespace

std::span<const Tool> all_tools() { return k_tools; }

const Tool* find_tool(std::string_view name) {
  for (const Tool& tool : k_tools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

}  // namespace weft
