#include "userlib/bin/files/mode.hh"

#include "abi/constants.hh"
#include "userlib/base/text.hh"

namespace weft {
namespace {

char kind_letter(uint32_t mode) {
  switch (mode & abi::k_s_ifmt) {
    case abi::k_s_ifdir: return 'd';
    case abi::k_s_iflnk: return 'l';
    case abi::k_s_ififo: return 'p';
    case abi::k_s_ifchr: return 'c';
    case abi::k_s_ifblk: return 'b';
    case abi::k_s_ifsock: return 's';
    default: return '-';
  }
}

// One change, such as "go-w".
std::optional<uint32_t> apply_change(std::string_view change, uint32_t mode) {
  uint32_t who = 0;
  size_t at = 0;
  for (; at < change.size() && std::string_view("ugoa").contains(change[at]); ++at) {
    if (change[at] == 'u' || change[at] == 'a') who |= 0700;
    if (change[at] == 'g' || change[at] == 'a') who |= 0070;
    if (change[at] == 'o' || change[at] == 'a') who |= 0007;
  }
  if (who == 0) who = 0777;
  if (at >= change.size()) return std::nullopt;
  const char operation = change[at++];
  uint32_t rights = 0;
  for (; at < change.size(); ++at) {
    if (change[at] == 'r')
      rights |= 0444;
    else if (change[at] == 'w')
      rights |= 0222;
    else if (change[at] == 'x')
      rights |= 0111;
    else
      return std::nullopt;
  }
  if (operation == '+') return mode | (rights & who);
  if (operation == '-') return mode & ~(rights & who);
  if (operation == '=') return (mode & ~who) | (rights & who);
  return std::nullopt;
}

}  // namespace

Text<10> mode_text(uint32_t mode) {
  Text<10> text("{}", kind_letter(mode));
  for (int shift = 6; shift >= 0; shift -= 3) {
    const uint32_t rights = mode >> shift;
    text.write((rights & 4) != 0 ? "r" : "-");
    text.write((rights & 2) != 0 ? "w" : "-");
    text.write((rights & 1) != 0 ? "x" : "-");
  }
  return text;
}

std::optional<uint32_t> parse_mode(std::string_view text, uint32_t old_mode) {
  if (!text.empty() && is_digit(text[0])) {
    const auto number = parse_number(text, 8);
    if (!number || *number > 07777) return std::nullopt;
    return static_cast<uint32_t>(*number);
  }
  uint32_t mode = old_mode & 07777;
  for (const std::string_view change : split(text, ',')) {
    const auto changed = apply_change(change, mode);
    if (!changed) return std::nullopt;
    mode = *changed;
  }
  return mode;
}

}  // namespace weft
