// format(sink, "thread {} on CPU {}", name, cpu): text from a pattern and values, without memory and
// without locks, so that a panic can use it. Fields, as in std::format:
//   {}        the value          {:>8} {:<8}  to the right, to the left in 8 columns
//   {:x}      hexadecimal        {:08x}       filled with zeros
// A pattern that doesn't fit its values prints what it can; it never fails.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/errno.hh"
#include "core/base/types.hh"

namespace weft {

// Somewhere to write text to.
class Sink {
 public:
  virtual void write(std::string_view text) = 0;

 protected:
  ~Sink() = default;
};

// One value on its way into a pattern.
class FormatValue {
 public:
  enum class Kind { text, character, boolean, number, negative, address };

  FormatValue(std::string_view text) : kind(Kind::text), text(text) {}
  FormatValue(const char* text) : kind(Kind::text), text(text != nullptr ? text : "(null)") {}
  FormatValue(char character)
      : kind(Kind::character), number(static_cast<unsigned char>(character)) {}
  FormatValue(bool value) : kind(Kind::boolean), number(value) {}
  FormatValue(std::unsigned_integral auto value) : kind(Kind::number), number(value) {}
  FormatValue(std::signed_integral auto value)
      : kind(value < 0 ? Kind::negative : Kind::number),
        number(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value)) {}
  FormatValue(const void* pointer)
      : kind(Kind::address), number(reinterpret_cast<uintptr_t>(pointer)) {}
  FormatValue(PhysAddr address) : kind(Kind::address), number(raw(address)) {}
  FormatValue(Errno error) : kind(Kind::text), text(errno_name(error)) {}

  Kind kind;
  uint64_t number = 0;
  std::string_view text;
};

void format_values(Sink& sink, std::string_view pattern, std::span<const FormatValue> values);

template <typename... Values>
void format(Sink& sink, std::string_view pattern, const Values&... values) {
  if constexpr (sizeof...(Values) == 0) {
    format_values(sink, pattern, {});
  } else {
    const FormatValue all[] = {FormatValue(values)...};
    format_values(sink, pattern, all);
  }
}

// Text of a bounded length, on the stack. What doesn't fit is cut off.
template <size_t k_room>
class Text final : public Sink {
 public:
  Text() = default;
  template <typename... Values>
  explicit Text(std::string_view pattern, const Values&... values) {
    format(*this, pattern, values...);
  }

  void write(std::string_view text) override {
    const size_t count = std::min(text.size(), k_room - length_);
    std::copy_n(text.data(), count, data_ + length_);
    length_ += count;
    data_[length_] = '\0';
  }

  std::string_view view() const { return {data_, length_}; }
  const char* c_str() const { return data_; }
  void clear() {
    length_ = 0;
    data_[0] = '\0';
  }

 private:
  char data_[k_room + 1] = {};
  size_t length_ = 0;
};

}  // namespace weft
