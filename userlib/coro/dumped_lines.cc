#include "userlib/coro/dumped_lines.hh"

#include "userlib/base/file.hh"

namespace weft::coro {
namespace {

// 00 01 02 ... 99
constexpr struct DigitPairs {
  constexpr DigitPairs() {
    for (int i = 0; i < 100; ++i) {
      digits[2 * i] = static_cast<char>('0' + i / 10);
      digits[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
  char digits[200] = {};
} k_pairs;

}  // namespace

void DumpedLines::write(const Listed& listed, size_t stack_peak) {
  if (static_cast<size_t>(room_ + k_room - end_) < k_longest) flush();
  append("coroutine ");
  append_number(listed.number);
  if (!is_as_before(listed, stack_peak)) {
    const char* begin = end_;
    append_rest(listed, stack_peak);
    rest_size_ = static_cast<size_t>(end_ - begin);
    __builtin_memcpy(rest_, begin, rest_size_);
    before_ = listed;
    peak_before_ = stack_peak;
  } else {
    append({rest_, rest_size_});
  }
}

bool DumpedLines::is_as_before(const Listed& listed, size_t stack_peak) const {
  return listed.name == before_.name && listed.spawned_at == before_.spawned_at &&
         listed.object == before_.object && listed.state == before_.state &&
         listed.reason == before_.reason && listed.waited == before_.waited &&
         listed.stack_used == before_.stack_used && stack_peak == peak_before_ && rest_size_ != 0;
}

void DumpedLines::append_rest(const Listed& listed, size_t stack_peak) {
  append(" ");
  append(name_of(listed.state));
  if (listed.state == State::blocked) {
    append(" on ");
    append(name_of(listed.reason));
    append(" ");
    append_address(listed.object);
    if (listed.waited != k_never) {
      append(" for ");
      append_number(listed.waited / k_microsecond);
      append(" us");
    }
  }
  append(", ");
  append(shorten_name(listed.name));
  append(" from ");
  append_address(listed.spawned_at);
  append(", stack ");
  append_number(listed.stack_used);
  append(" of at most ");
  append_number(stack_peak);
  append("\n");
}

// Two digits at a time.
void DumpedLines::append_number(uint64_t number) {
  constexpr size_t k_most_digits = 20;
  char digits[k_most_digits];
  char* first = digits + k_most_digits;
  while (number >= 10) {
    first -= 2;
    __builtin_memcpy(first, k_pairs.digits + 2 * (number % 100), 2);
    number /= 100;
  }
  if (number != 0 || first == digits + k_most_digits) *--first = static_cast<char>('0' + number);
  append({first, static_cast<size_t>(digits + k_most_digits - first)});
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
