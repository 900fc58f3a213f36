// seq [-s SEPARATOR] [FIRST [STEP]] LAST: numbers.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"

namespace weft {

int seq_main(Arguments arguments) {
  std::string_view separator = "\n";
  // A first word such as -3 is a number, not an option.
  size_t at = 1;
  if (arguments.size() > 2 && std::string_view(arguments[1]).starts_with("-s")) {
    const bool is_joined = std::string_view(arguments[1]).size() > 2;
    separator = is_joined ? arguments[1] + 2 : arguments[2];
    at = is_joined ? 2 : 3;
  }
  const Arguments words = arguments.subspan(at);
  if (words.empty() || words.size() > 3)
    return complain(arguments, "one to three numbers are wanted");
  int64_t numbers[3];
  for (size_t i = 0; i < words.size(); ++i) {
    const auto number = parse_number(words[i]);
    if (!number) return complain(arguments, words[i], Errno::inval);
    numbers[i] = *number;
  }
  const int64_t first = words.size() > 1 ? numbers[0] : 1;
  const int64_t step = words.size() > 2 ? numbers[1] : 1;
  const int64_t last = numbers[words.size() - 1];
  if (step == 0) return complain(arguments, "a step of 0 leads nowhere");
  bool is_first = true;
  for (int64_t i = first; step > 0 ? i <= last : i >= last; i += step) {
    if (!is_first) out.write(separator);
    is_first = false;
    print("{}", i);
  }
  if (!is_first) print("\n");
  return 0;
}

}  // namespace weft
