// $(( ... )): C's expressions over 64-bit numbers and the shell's variables.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::sh {

class Variables;

// The value; nothing, with a message on standard error, if the text is no expression.
std::optional<int64_t> evaluate(Variables& variables, std::string_view text);

}  // namespace weft::sh
