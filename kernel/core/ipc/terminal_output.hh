// TerminalOutput: what happens to a byte between a program and the screen: a newline becomes two
// bytes, a tab some spaces, and somebody keeps count of the column. No locks: the terminal has one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/abi/terminal.hh"

namespace weft::ipc {

// What stands behind a terminal: a line to somewhere. Writing waits until all is on its way.
class TerminalDevice {
 public:
  virtual void write(std::string_view bytes) = 0;

 protected:
  ~TerminalDevice() = default;
};

// Of a character that is more than one byte, all but the first. Only with IUTF8.
bool is_continuation(uint8_t byte, const abi::TerminalModes& modes);

class TerminalOutput {
 public:
  constexpr explicit TerminalOutput(TerminalDevice& device) : device_(device) {}

  // One byte, as the modes want it.
  void put(uint8_t byte, const abi::TerminalModes& modes);
  // The byte itself, which moves nothing.
  void put_raw(char byte);
  // Sends what has been put, unless it is stopped.
  void send();

  // While it is stopped, it keeps what fits; that goes out first when it goes on. The rest is lost:
  // programs wait, so it is only what typing puts.
  void set_stopped(bool stopped) { is_stopped_ = stopped; }
  bool is_stopped() const { return is_stopped_; }
  // Forgets what was not sent.
  void drop() { count_ = 0; }

  unsigned column() const { return column_; }

 private:
  static constexpr size_t k_room = 1024;

  void put_tab(const abi::TerminalModes& modes);

  TerminalDevice& device_;
  unsigned column_ = 0;
  bool is_stopped_ = false;
  size_t count_ = 0;
  std::array<char, k_room> bytes_{};
};

}  // namespace weft::ipc
