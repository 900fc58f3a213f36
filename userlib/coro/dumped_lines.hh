// DumpedLines: the listing as text, a line for each coroutine. There may be a million of them, so it is put
// together by hand, and what is the same in most of them is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "userlib/coro/list.hh"

namespace weft::coro {

class DumpedLines {
 public:
  explicit DumpedLines(int32_t fd) : fd_(fd) {}
  DumpedLines(const DumpedLines&) = delete;
  DumpedLines& operator=(const DumpedLines&) = delete;
  ~DumpedLines() { flush(); }

  void write(const Listed& listed, size_t stack_peak);

 private:
  static constexpr size_t k_room = 4096;  // a signal handler has this on its stack
  static constexpr size_t k_longest =
      512;  // a line: its texts are short, but for the name's 200 characters

  void append(std::string_view text) {
    __builtin_memcpy(end_, text.data(), text.size());
    end_ += text.size();
  }
  // All that follows the number.
  void append_rest(const Listed& listed, size_t stack_peak);
  bool is_as_before(const Listed& listed, size_t stack_peak) const;
  void append_number(uint64_t number);
  void append_address(const void* address);
  void flush();

  const int32_t fd_;
  Listed before_;  // of the line before, of which all but the number is kept
  size_t peak_before_ = 0;
  char rest_[k_longest];
  size_t rest_size_ = 0;
  char room_[k_room];
  char* end_ = room_;
};

}  // namespace weft::coro
