// The programs of the multi-call binary. Which one runs is decided by the name it is called by.
#pragma once

#include <span>
#include <string_view>

namespace weft {

// As main() gets them: arguments[0] is the program's name, and each ends in a zero.
using Arguments = std::span<const char* const>;

struct Tool {
  std::string_view name;
  int (*run)(Arguments arguments);
  std::string_view help;
};

// All of them, sorted by name.
std::span<const Tool> all_tools();
const Tool* find_tool(std::string_view name);

int sh_main(Arguments);
int init_main(Arguments);
// Those that the shell runs without a process of their own.
int echo_main(Arguments);
int printf_main(Arguments);
int test_main(Arguments);
int kill_main(Arguments);

}  // namespace weft
