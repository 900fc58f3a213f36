// Terminals.
#pragma once

#include <cstdint>

namespace weft::abi {

inline constexpr unsigned k_control_characters = 19;

// What TCGETS and TCSETS pass.
struct TerminalModes {
  uint32_t input;
  uint32_t output;
  uint32_t control;
  uint32_t local;
  uint8_t line;
  uint8_t characters[k_control_characters];
};

struct WindowSize {
  uint16_t rows;
  uint16_t columns;
  uint16_t x_pixels;
  uint16_t y_pixels;
};

}  // namespace weft::abi
