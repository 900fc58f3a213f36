#include "userlib/coro/dumped_lines.hh"

#include "userlib/base/file.hh"

namespace weft::coro {

// The whole of what has the same three digits, in microseconds at least. Nobody knows how long: always the same.
DumpedLines::Span DumpedLines::Span::around(Nanoseconds time) {
  if (time == k_never) return {k_never, 1};
  Nanoseconds step = k_microsecond;
  while (time / step >= 1000) step *= 10;
  return {time / step * step, step};
}

void DumpedLines::begin_line(const Listed& listed, size_t stack_peak) {
  if (count_ > 0) append_line();
  if (count_ == 0 || listed.name != first_.name) name_ = shorten_name(listed.name);
  first_ = listed;
  stack_peak_ = stack_peak;
  waited_ = Span::around(listed.waited);
}

void DumpedLines::begin_line_alike(uint64_t number, Nanoseconds waited, size_t stack_peak) {
  Listed listed = first_;
  listed.number = number;
  listed.waited = waited;
  begin_line(listed, stack_peak);
}

void DumpedLines::append_line() {
  if (static_cast<size_t>(room_ + k_room - end_) < k_longest) flush();
  append(last_ == first_.number ? "coroutine " : "coroutines ");
  append_number(first_.number);
  if (last_ != first_.number) {
    append(" to ");
    append_number(last_);
  }
  append(" ");
  append(name_of(first_.state));
  if (first_.state == State::blocked) {
    append(" on ");
    append(name_of(first_.reason));
    append(" ");
    append_address(first_.object);
    if (first_.waited != k_never) append_time();
  }
  append(", ");
  append(name_);
  append(" from ");
  append_address(first_.spawned_at);
  append(", stack ");
  append_number(first_.stack_used);
  append(" of at most ");
  append_number(stack_peak_);
  append("\n");
}

void DumpedLines::append_total() {
  if (static_cast<size_t>(room_ + k_room - end_) < k_longest) flush();
  append_number(count_);
  append(count_ == 1 ? " coroutine\n" : " coroutines\n");
}

// 7 us, 12.3 ms, 1.23 s, 1230 s.
void DumpedLines::append_time() {
  struct Unit {
    Nanoseconds length;
    std::string_view name;
  };
  constexpr Unit k_units[] = {{k_second, " s"}, {k_millisecond, " ms"}, {k_microsecond, " us"}};
  const Unit* unit = k_units;
  while (waited_.from < unit->length && unit->length > k_microsecond) ++unit;
  append(" for ");
  append_number(waited_.from / unit->length);
  if (waited_.length < unit->length) {
    append(".");
    append_number(waited_.from % unit->length / waited_.length,
                  unit->length / waited_.length == 10 ? 1 : 2);
  }
  append(unit->name);
}

void DumpedLines::append_number(uint64_t number, size_t least_digits) {
  constexpr size_t k_most_digits = 20;
  char digits[k_most_digits];
  size_t count = 0;
  for (; number > 0 || count < least_digits; number /= 10)
    digits[k_most_digits - ++count] = static_cast<char>('0' + number % 10);
  append({digits + k_most_digits - count, count});
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
