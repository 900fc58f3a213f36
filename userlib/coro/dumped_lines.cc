#include "userlib/coro/dumped_lines.hh"

#include "userlib/base/file.hh"

namespace weft::coro {

void DumpedLines::write(const Listed& listed, size_t stack_peak) {
  if (static_cast<size_t>(room_ + k_room - end_) < k_longest) flush();
  append("coroutine ");
  append_number(listed.number);
  if (is_as_before(listed)) {
    append({middle_, middle_size_});
  } else {
    const char* begin = end_;
    append_middle(listed);
    middle_size_ = static_cast<size_t>(end_ - begin);
    __builtin_memcpy(middle_, begin, middle_size_);
    before_ = listed;
  }
  append_number(listed.stack_used);
  append(" of at most ");
  append_number(stack_peak);
  append("\n");
}

bool DumpedLines::is_as_before(const Listed& listed) const {
  return listed.name == before_.name && listed.spawned_at == before_.spawned_at &&
         listed.object == before_.object && listed.state == before_.state &&
         listed.reason == before_.reason && listed.waited == before_.waited;
}

void DumpedLines::append_middle(const Listed& listed) {
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
}

void DumpedLines::append_number(uint64_t number) {
  constexpr size_t k_most_digits = 20;
  char digits[k_most_digits];
  char* first = digits + k_most_digits;
  do {
    *--first = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
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
