// Executing tests/guest/helper, which says what it was given.
#pragma once

#include <initializer_list>

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/process.hh"

namespace weft::guest {

inline constexpr const char* k_helper = "/guest/helper";

// Turns this process into the helper. Comes back only when that fails, with the exit status 1.
inline int execute(std::initializer_list<const char*> arguments,
                   std::initializer_list<const char*> environment) {
  const char* argument_list[20] = {"helper"};
  const char* environment_list[20] = {};
  size_t count = 1;
  for (const char* argument : arguments) argument_list[count++] = argument;
  count = 0;
  for (const char* entry : environment) environment_list[count++] = entry;
  show("execve", sys::execve(k_helper, argument_list, environment_list));
  return 1;
}

inline void execute_and_show(std::initializer_list<const char*> arguments,
                             std::initializer_list<const char*> environment) {
  show_child("child", [&] { return execute(arguments, environment); });
}

}  // namespace weft::guest
