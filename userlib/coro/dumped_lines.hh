// DumpedLines: the listing as text. There may be a million coroutines, most of which wait for the same at the same
// place. So neighbours of which all is the same but the number share a line:
//
//   coroutine 7 running, main from 0x401a2c, stack 0 of at most 1184
//   coroutines 8 to 38 blocked on barrier 0x7ffe8 for 1.23 ms, worker from 0x401b10, stack 208 of at most 336
//   32 coroutines
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
  ~DumpedLines() {
    if (count_ > 0) append_line();
    append_total();
    flush();
  }

  // One more; their numbers rise.
  void add(const Listed& listed, size_t stack_peak) {
    if (!joins_the_line(listed, stack_peak)) [[unlikely]]
      begin_line(listed, stack_peak);
    count(listed.number);
  }
  // One more, of which all but these is as of the one before.
  void add_alike(uint64_t number, Nanoseconds waited, size_t stack_peak) {
    if (number != last_ + 1 || !waited_.contains(waited) || stack_peak != stack_peak_) [[unlikely]]
      begin_line_alike(number, waited, stack_peak);
    count(number);
  }

 private:
  static constexpr size_t k_room = 4096;  // a signal handler has this on its stack
  static constexpr size_t k_longest =
      512;  // a line: its texts are short, but for the name's 200 characters

  // Times are told by three digits; all of these have the same.
  struct Span {
    static Span around(Nanoseconds time);
    bool contains(Nanoseconds time) const { return time - from < length; }

    Nanoseconds from = 0;
    Nanoseconds length = 0;
    uint64_t digits = 0;    // from / length
    unsigned exponent = 0;  // length, as a power of ten of microseconds
  };

  bool joins_the_line(const Listed& listed, size_t stack_peak) const {
    return listed.number == last_ + 1 && listed.object == first_.object &&
           waited_.contains(listed.waited) && stack_peak == stack_peak_ &&
           listed.stack_used == first_.stack_used && listed.spawned_at == first_.spawned_at &&
           listed.state == first_.state && listed.reason == first_.reason &&
           listed.name == first_.name;
  }
  void begin_line(const Listed& listed, size_t stack_peak);
  void begin_line_alike(uint64_t number, Nanoseconds waited, size_t stack_peak);
  void compose_same();
  void count(uint64_t number) {
    last_ = number;
    ++count_;
  }
  void append_line();
  void append_total();
  void append_time();
  void append(std::string_view text) {
    __builtin_memcpy(end_, text.data(), text.size());
    end_ += text.size();
  }
  void append_number(uint64_t number);
  void append_digits(uint64_t number, size_t count);
  void append_address(const void* address);
  void flush();

  const int32_t fd_;
  // Of the line that is not written yet: whom it began with, and who joined it last.
  Listed first_;
  uint64_t last_ = 0;
  size_t stack_peak_ = 0;
  Span waited_;
  uint64_t count_ = 0;  // of all so far
  // What one line has in common with the next that is alike: before the time, and after it.
  std::string_view before_time_;
  std::string_view after_time_;
  char same_[k_longest];
  char room_[k_room];
  char* end_ = room_;
};

}  // namespace weft::coro
