// LineDiscipline: what happens to a byte between the keyboard and a program. In canonical mode it is
// kept until the line is complete, can be erased meanwhile, and some bytes mean signals; in raw mode it
// goes straight through. Each byte is shown on the screen as the modes want it (the echo).
//
//     read from here                  line_start_ <= erased down to here     put in here
//          v                               v                                  v
//     | a line\n | another\n (complete)    | a line that is being typed ..    |
//         tail_                                                              head_
//
// No locks and no waiting: the terminal (terminal.hh) does that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/ipc/terminal_output.hh"

namespace weft::ipc {

class LineDiscipline {
 public:
  explicit LineDiscipline(TerminalOutput& output);

  const abi::TerminalModes& modes() const { return modes_; }
  void set_modes(const abi::TerminalModes& modes);

  // A byte was typed. The signal that it means for the foreground; 0 if none.
  int receive(uint8_t byte);

  // A read would find something. `polled`: as poll() asks, who waits for VMIN bytes.
  bool is_readable(bool polled) const;
  // Bytes that FIONREAD counts.
  size_t readable_bytes() const;
  // Takes bytes out, up to that many and to the end of a line. `line_ended`: it came so far.
  size_t take(std::span<char> to, bool& line_ended);
  // The reader has no more room: if the line that it was given ended with EOF, that goes, too.
  void drop_end_of_file();
  void drop_input();

 private:
  static constexpr size_t k_room = 4096;
  static constexpr size_t k_throttle = 128;  // IXOFF: so many are left

  // A byte that was typed, with what is known about it.
  struct Typed {
    uint8_t byte = 0;
    bool ends_line = false;
    bool is_end_of_file = false;  // no byte, just the end of a line
  };

  bool has_input_mode(uint32_t mode) const { return (modes_.input & mode) != 0; }
  bool has_local_mode(uint32_t mode) const { return (modes_.local & mode) != 0; }
  bool is_canonical() const;
  bool is_special(uint8_t byte, unsigned place) const;
  bool is_extended(uint8_t byte, unsigned place) const;
  Typed& at(size_t place) { return typed_[place % k_room]; }
  const Typed& at(size_t place) const { return typed_[place % k_room]; }

  bool control_flow(uint8_t byte);
  int signal_of(uint8_t byte) const;
  bool edit_line(uint8_t byte);
  bool end_line(uint8_t byte);
  void add(const Typed& typed);

  void erase(uint8_t byte);
  size_t start_of_last() const;
  void show_erased(uint8_t byte);
  void show_erased_tab();
  void show(uint8_t byte);

  TerminalOutput& output_;
  abi::TerminalModes modes_;
  std::array<Typed, k_room> typed_{};
  // These only grow; their place in the array is what is left of them.
  size_t tail_ = 0;
  size_t line_start_ = 0;
  size_t head_ = 0;
  unsigned line_column_ = 0;  // where on the screen the line that is being typed begins
  bool next_is_literal_ = false;
  bool is_throttled_ = false;  // the other side was told to wait
};

}  // namespace weft::ipc
