// Commands in processes of their own: pipelines, subshells, the background.
#pragma once

#include <type_traits>
#include <utility>

#include "userlib/bin/sh/shell.hh"
#include "userlib/bin/sh/syntax.hh"

namespace weft::sh {

int run_pipeline(Shell& shell, const Command& command, bool is_last);
int run_in_background(Shell& shell, const Command& command);
int run_in_subshell(Shell& shell, const Command& command, bool is_last);

namespace detail {
int run_child(Shell& shell, const String& text, void (*body)(void*), void* argument);
}

// Runs a function that doesn't return in a child, as a job in front, and waits for it.
template <typename Body>
int run_child(Shell& shell, const String& text, Body&& body) {
  return detail::run_child(
      shell, text,
      [](void* argument) { (*static_cast<std::remove_reference_t<Body>*>(argument))(); }, &body);
}

}  // namespace weft::sh
