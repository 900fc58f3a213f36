// A screen for tests: keeps what a terminal sends to it.
#pragma once

#include <string>

#include "core/ipc/terminal_output.hh"

namespace weft::host {

class Screen final : public ipc::TerminalDevice {
 public:
  void write(std::string_view bytes) override { text_ += bytes; }
  // What came since the last time.
  std::string take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

}  // namespace weft::host
