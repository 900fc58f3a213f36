// sleep SECONDS: 2, 0.5, 3m.
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/syscalls.hh"

namespace weft {
namespace {

constexpr int64_t k_second = 1'000'000'000;

std::optional<int64_t> parse_nanoseconds(std::string_view text) {
  int64_t unit = k_second;
  if (text.ends_with('s') || text.ends_with('m') || text.ends_with('h')) {
    if (text.ends_with('m')) unit *= 60;
    if (text.ends_with('h')) unit *= 3600;
    text.remove_suffix(1);
  }
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const auto seconds = whole.empty() ? 0 : parse_number(whole);
  if (!seconds || *seconds < 0) return std::nullopt;
  int64_t total = *seconds * unit;
  if (point != std::string_view::npos) {
    for (const char digit : text.substr(point + 1)) {
      if (!is_digit(digit)) return std::nullopt;
      unit /= 10;
      total += (digit - '0') * unit;
    }
  }
  return total;
}

}  // namespace

int sleep_main(Arguments arguments) {
  if (arguments.size() < 2) return complain(arguments, "how long?");
  int64_t total = 0;
  for (const char* word : arguments.subspan(1)) {
    const auto part = parse_nanoseconds(word);
    if (!part) return complain(arguments, word, Errno::inval);
    total += *part;
  }
  abi::Timespec left = {total / k_second, total % k_second};
  while (true) {
    const auto slept = sys::nanosleep(&left, &left);
    if (slept || slept.error() != Errno::intr) return 0;
  }
}

}  // namespace weft
