// Finding programs and becoming one.
#pragma once

#include <optional>
#include <string_view>

#include "userlib/base/vector.hh"
#include "userlib/bin/sh/shell.hh"

namespace weft::sh {

// Where PATH has a program of that name; a name with a slash stands for itself.
std::optional<String> find_program(const Shell& shell, std::string_view name);

// Becomes that program. Returns only if it cannot, after a message, with the status that says why.
int execute(Shell& shell, const Vector<String>& words);

}  // namespace weft::sh
