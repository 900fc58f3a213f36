#include "userlib/bin/text/escapes.hh"

#include "userlib/base/text.hh"

namespace weft {
namespace {

constexpr std::string_view k_letters = "abefnrtv\\\"";
constexpr std::string_view k_characters = "\a\b\x1b\f\n\r\t\v\\\"";

char read_number(std::string_view text, size_t& at, unsigned base, size_t longest) {
  unsigned value = 0;
  for (size_t digits = 0; digits < longest && at < text.size(); ++digits, ++at) {
    const auto digit = parse_number(text.substr(at, 1), base);
    if (!digit || !(is_digit(text[at]) || is_letter(text[at]))) break;
    value = value * base + static_cast<unsigned>(*digit);
  }
  return static_cast<char>(value);
}

}  // namespace

char read_escape(std::string_view text, size_t& at) {
  if (at >= text.size()) return '\\';
  const char letter = text[at];
  const size_t place = k_letters.find(letter);
  if (place != std::string_view::npos) {
    ++at;
    return k_characters[place];
  }
  if (letter == 'x') {
    ++at;
    return read_number(text, at, 16, 2);
  }
  if (letter >= '0' && letter <= '7') return read_number(text, at, 8, letter == '0' ? 4 : 3);
  return '\\';
}

bool write_escaped(Sink& sink, std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      const size_t end = std::min(text.find('\\', at), text.size());
      sink.write(text.substr(at, end - at));
      at = end;
      continue;
    }
    ++at;
    if (at < text.size() && text[at] == 'c') return false;
    const char character = read_escape(text, at);
    sink.write({&character, 1});
  }
  return true;
}

}  // namespace weft
