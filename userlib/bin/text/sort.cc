// sort [-n] [-r] [-u] [-k FIELD] [-t SEPARATOR] [FILE...]
#include <algorithm>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {
namespace {

struct Order {
  bool by_number = false;
  bool reversed = false;
  bool unique = false;
  bool ignore_case = false;
  size_t field = 0;  // 0: the whole line
  char separator = '\0';

  // The part of the line that is compared: from the field to the end.
  std::string_view key_of(std::string_view line) const {
    for (size_t skipped = 1; skipped < field; ++skipped) {
      size_t at = 0;
      if (separator != '\0') {
        at = line.find(separator);
        at = at == std::string_view::npos ? line.size() : at + 1;
      } else {
        while (at < line.size() && is_space(line[at])) ++at;
        while (at < line.size() && !is_space(line[at])) ++at;
      }
      line.remove_prefix(at);
    }
    return line;
  }

  static int64_t number_at_front(std::string_view text) {
    while (!text.empty() && is_space(text[0])) text.remove_prefix(1);
    size_t length = text.starts_with('-') ? 1 : 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    return parse_number(text.substr(0, length)).value_or(0);
  }

  int compare_text(std::string_view a, std::string_view b) const {
    if (!ignore_case) return a.compare(b);
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (to_upper(a[i]) != to_upper(b[i])) return to_upper(a[i]) < to_upper(b[i]) ? -1 : 1;
    }
    return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
  }

  int compare_keys(std::string_view a, std::string_view b) const {
    const std::string_view left = key_of(a);
    const std::string_view right = key_of(b);
    if (!by_number) return compare_text(left, right);
    const int64_t x = number_at_front(left);
    const int64_t y = number_at_front(right);
    return x == y ? 0 : (x < y ? -1 : 1);
  }

  bool before(std::string_view a, std::string_view b) const {
    int order = compare_keys(a, b);
    if (order == 0 && !unique) order = a.compare(b);
    return reversed ? order > 0 : order < 0;
  }
};

}  // namespace

int sort_main(Arguments arguments) {
  Order order;
  OptionParser options(arguments, "nrufk:t:");
  while (const auto option = options.next()) {
    switch (option->letter) {
      case 'n': order.by_number = true; break;
      case 'r': order.reversed = true; break;
      case 'u': order.unique = true; break;
      case 'f': order.ignore_case = true; break;
      case 't': order.separator = option->value[0]; break;
      case 'k': {
        std::string_view value = option->value;
        const size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
        order.field = static_cast<size_t>(parse_number(value.substr(0, digits)).value_or(0));
        if (value.contains('n')) order.by_number = true;
        if (value.contains('r')) order.reversed = true;
        break;
      }
    }
  }
  if (options.wrong()) return 2;
  Vector<String> lines;
  const int status = for_each_file(arguments, options.rest(), [&](int fd, std::string_view) {
    (void)for_each_line(fd, [&](std::string_view line) { lines.push_back(line); });
  });
  std::sort(lines.begin(), lines.end(),
            [&](const String& a, const String& b) { return order.before(a, b); });
  for (size_t i = 0; i < lines.size(); ++i) {
    if (order.unique && i > 0 && order.compare_keys(lines[i - 1], lines[i]) == 0) continue;
    print("{}\n", lines[i].view());
  }
  return status;
}

}  // namespace weft
