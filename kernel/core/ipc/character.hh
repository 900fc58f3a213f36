// What kinds of characters a terminal tells apart.
#pragma once

#include <cstdint>

namespace weft::ipc {

constexpr bool is_control(uint8_t byte) { return byte < 0x20 || byte == 0x7f; }

constexpr bool is_word(uint8_t byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_';
}

}  // namespace weft::ipc
