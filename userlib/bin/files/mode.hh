// A file's kind and rights as ls writes them: "-rwxr-xr-x".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/format.hh"

namespace weft {

Text<10> mode_text(uint32_t mode);

// The mode that a text stands for: octal, or changes such as "u+x,go-w" to `old_mode`.
std::optional<uint32_t> parse_mode(std::string_view text, uint32_t old_mode);

}  // namespace weft
