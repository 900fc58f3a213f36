// printf FORMAT VALUE...: %s %d %i %u %x %X %o %c %b %%, with flags, width and precision. The format is
// used again and again until no value is left.
#include "userlib/base/print.hh"
#include "userlib/base/string.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/bin/text/escapes.hh"

namespace weft {
namespace {

struct Conversion {
  bool to_the_left = false;
  bool zeros = false;
  bool plus = false;
  bool space = false;
  bool alternate = false;
  size_t width = 0;
  std::optional<size_t> precision;
  char kind = '\0';
};

class Printer {
 public:
  Printer(Arguments arguments, std::string_view format, Arguments values)
      : arguments_(arguments), format_(format), values_(values) {}

  int run() {
    do {
      const size_t before = values_.size();
      if (!once()) break;
      if (values_.size() == before) break;  // it takes no values: once is enough
    } while (!values_.empty());
    return status_;
  }

 private:
  // The whole format; false if a \c ended the output.
  bool once() {
    for (size_t at = 0; at < format_.size();) {
      const char c = format_[at++];
      if (c == '\\') {
        if (at < format_.size() && format_[at] == 'c') return false;
        const char character = read_escape(format_, at);
        out.write({&character, 1});
      } else if (c == '%' && at < format_.size() && format_[at] == '%') {
        out.write("%");
        ++at;
      } else if (c == '%') {
        if (!convert(read_conversion(at))) return false;
      } else {
        out.write({&c, 1});
      }
    }
    return true;
  }

  std::string_view next_value() {
    if (values_.empty()) return {};
    const std::string_view value = values_[0];
    values_ = values_.subspan(1);
    return value;
  }

  size_t read_count(size_t& at) {
    if (at < format_.size() && format_[at] == '*') {
      ++at;
      return static_cast<size_t>(parse_number(next_value()).value_or(0));
    }
    size_t count = 0;
    for (; at < format_.size() && is_digit(format_[at]); ++at) {
      count = count * 10 + static_cast<size_t>(format_[at] - '0');
    }
    return count;
  }

  Conversion read_conversion(size_t& at) {
    Conversion conversion;
    for (; at < format_.size(); ++at) {
      const char flag = format_[at];
      if (flag == '-')
        conversion.to_the_left = true;
      else if (flag == '0')
        conversion.zeros = true;
      else if (flag == '+')
        conversion.plus = true;
      else if (flag == ' ')
        conversion.space = true;
      else if (flag == '#')
        conversion.alternate = true;
      else
        break;
    }
    conversion.width = read_count(at);
    if (at < format_.size() && format_[at] == '.') {
      ++at;
      conversion.precision = read_count(at);
    }
    if (at < format_.size()) conversion.kind = format_[at++];
    return conversion;
  }

  bool convert(const Conversion& conversion) {
    switch (conversion.kind) {
      case 's': {
        const std::string_view value = next_value();
        fill(conversion, {}, value.substr(0, conversion.precision.value_or(value.size())), false);
        return true;
      }
      case 'c': fill(conversion, {}, next_value().substr(0, 1), false); return true;
      case 'b': {
        String text;
        StringSink sink(text);
        const bool goes_on = write_escaped(sink, next_value());
        fill(conversion, {}, text, false);
        return goes_on;
      }
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o': convert_number(conversion); return true;
      default:
        status_ = complain(arguments_, "the format has a % that makes no sense");
        return false;
    }
  }

  // A number as C writes them; 'x is the character's.
  int64_t read_number(std::string_view value) {
    if (value.empty()) return 0;
    if (value.size() > 1 && (value[0] == '\'' || value[0] == '"'))
      return static_cast<unsigned char>(value[1]);
    const bool negative = value.starts_with('-');
    std::string_view digits = negative || value.starts_with('+') ? value.substr(1) : value;
    unsigned base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
      base = 16;
      digits.remove_prefix(2);
    } else if (digits.size() > 1 && digits.starts_with('0')) {
      base = 8;
    }
    const auto number = parse_number(digits, base);
    if (!number) {
      out.flush();
      print_error("{}: '{}' is no number\n", arguments_[0], value);
      status_ = 1;
    }
    return negative ? -number.value_or(0) : number.value_or(0);
  }

  void convert_number(const Conversion& conversion) {
    const int64_t number = read_number(next_value());
    const bool is_signed = conversion.kind == 'd' || conversion.kind == 'i';
    const unsigned base =
        conversion.kind == 'o' ? 8 : (conversion.kind == 'x' || conversion.kind == 'X' ? 16 : 10);
    std::string_view sign;
    if (is_signed)
      sign = number < 0 ? "-" : (conversion.plus ? "+" : (conversion.space ? " " : ""));
    if (conversion.alternate && number != 0 && base == 16)
      sign = conversion.kind == 'x' ? "0x" : "0X";
    uint64_t left =
        is_signed && number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
    char room[32];
    size_t at = sizeof room;
    do {
      const char digit = "0123456789abcdef"[left % base];
      room[--at] = conversion.kind == 'X' ? to_upper(digit) : digit;
      left /= base;
    } while (left != 0);
    String digits = std::string_view(room + at, sizeof room - at);
    if (conversion.alternate && base == 8 && digits[0] != '0') digits.insert(0, "0");
    while (digits.size() < conversion.precision.value_or(0)) digits.insert(0, "0");
    fill(conversion, sign, digits, conversion.zeros && !conversion.precision);
  }

  void fill(const Conversion& conversion, std::string_view sign, std::string_view body,
            bool zeros) {
    const size_t length = sign.size() + body.size();
    const size_t missing = conversion.width > length ? conversion.width - length : 0;
    const bool zeros_inside = zeros && !conversion.to_the_left;
    if (!conversion.to_the_left && !zeros_inside) repeat(" ", missing);
    out.write(sign);
    if (zeros_inside) repeat("0", missing);
    out.write(body);
    if (conversion.to_the_left) repeat(" ", missing);
  }

  static void repeat(std::string_view text, size_t count) {
    for (; count > 0; --count) out.write(text);
  }

  Arguments arguments_;
  std::string_view format_;
  Arguments values_;
  int status_ = 0;
};

}  // namespace

int printf_main(Arguments arguments) {
  if (arguments.size() < 2) return complain(arguments, "a format is wanted");
  return Printer(arguments, arguments[1], arguments.subspan(2)).run();
}

}  // namespace weft
