#include "userlib/coro/dumped_lines.hh"

#include <utility>

#include "userlib/base/file.hh"

namespace weft::coro {

// The whole of what has the same three digits, in microseconds at least. Nobody knows how long: always the same.
DumpedLines::Span DumpedLines::Span::around(Nanoseconds time) {
  if (time == k_never) return {.from = k_never, .length = 1};
  Span span{.length = k_microsecond, .digits = time / k_microsecond};
  for (; span.digits >= 1000; span.digits /= 10, span.length *= 10) ++span.exponent;
  span.from = span.digits * span.length;
  return span;
}

void DumpedLines::begin_line(const Listed& listed, size_t stack_peak) {
  if (count_ > 0) append_line();
  first_ = listed;
  stack_peak_ = stack_peak;
  waited_ = Span::around(listed.waited);
  compose_same();
}

void DumpedLines::begin_line_alike(uint64_t number, Nanoseconds waited, size_t stack_peak) {
  append_line();
  first_.number = number;
  stack_peak_ = stack_peak;
  if (!waited_.contains(waited)) waited_ = Span::around(waited);
}

void DumpedLines::compose_same() {
  char* const end_of_all = std::exchange(end_, same_);
  append(" ");
  append(name_of(first_.state));
  if (first_.state == State::blocked) {
    append(" on ");
    append(name_of(first_.reason));
    append(" ");
    append_address(first_.object);
  }
  const auto before_time = static_cast<size_t>(end_ - same_);
  append(", ");
  append(shorten_name(first_.name));
  append(" from ");
  append_address(first_.spawned_at);
  append(", stack ");
  append_number(first_.stack_used);
  append(" of at most ");
  before_time_ = {same_, before_time};
  after_time_ = {same_ + before_time, static_cast<size_t>(end_ - same_) - before_time};
  end_ = end_of_all;
}

void DumpedLines::append_line() {
  if (static_cast<size_t>(room_ + k_room - end_) < k_longest) flush();
  append(last_ == first_.number ? "coroutine " : "coroutines ");
  append_number(first_.number);
  if (last_ != first_.number) {
    append(" to ");
    append_number(last_);
  }
  append(before_time_);
  if (first_.state == State::blocked && waited_.from != k_never) append_time();
  append(after_time_);
  append_number(stack_peak_);
  append("\n");
}

void DumpedLines::append_total() {
  if (static_cast<size_t>(room_ + k_room - end_) < k_longest) flush();
  append_number(count_);
  append(count_ == 1 ? " coroutine\n" : " coroutines\n");
}

// 7 us, 1.23 ms, 12.3 ms, 123 ms, and so with seconds; then 1230 s.
void DumpedLines::append_time() {
  append(" for ");
  const size_t decimals = waited_.exponent < 6 ? (6 - waited_.exponent) % 3 : 0;
  if (decimals > 0) {
    const uint64_t parts = decimals == 1 ? 10 : 100;
    append_number(waited_.digits / parts);
    append(".");
    append_digits(waited_.digits % parts, decimals);
  } else {
    append_number(waited_.exponent <= 6 ? waited_.digits : waited_.from / k_second);
  }
  append(waited_.exponent == 0 ? " us" : waited_.exponent < 4 ? " ms" : " s");
}

void DumpedLines::append_number(uint64_t number) {
  size_t digits = 1;
  for (uint64_t least = 10; digits < 20 && number >= least; least *= 10) ++digits;
  append_digits(number, digits);
}

void DumpedLines::append_digits(uint64_t number, size_t count) {
  end_ += count;
  char* at = end_;
  for (; count > 0; --count, number /= 10) *--at = static_cast<char>('0' + number % 10);
}

void DumpedLines::append_address(const void* address) {
  auto number = reinterpret_cast<uintptr_t>(address);
  append("0x");
  int digits = 1;
  while (digits < 16 && number >> 4 * digits != 0) ++digits;
  for (int i = digits; i-- > 0; number >>= 4) end_[i] = "0123456789abcdef"[number & 15];
  end_ += digits;
}

void DumpedLines::flush() {
  (void)write_all(fd_, {room_, static_cast<size_t>(end_ - room_)});
  end_ = room_;
}

}  // namespace weft::coro
