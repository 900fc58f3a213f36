// \n, \t, \033 and the like in texts.
#pragma once

#include <string_view>

#include "core/base/format.hh"

namespace weft {

// The character that an escape stands for, which begins behind the backslash at `at`; moves `at` behind
// it. An unknown one stands for its backslash; then `at` stays. Octal digits may follow a zero.
char read_escape(std::string_view text, size_t& at);

// Writes a text with its escapes carried out; false if a \c ended it.
bool write_escaped(Sink& sink, std::string_view text);

}  // namespace weft
