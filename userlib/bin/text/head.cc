// head [-n LINES] [-c BYTES] [FILE...]: the beginning of a file.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {

int head_main(Arguments arguments) {
  std::optional<int64_t> lines = 10;
  std::optional<int64_t> bytes;
  OptionParser options(arguments, "n:c:#");
  while (const auto option = options.next()) {
    const auto number = parse_number(option->value);
    if (!number || *number < 0) return complain(arguments, "a number is wanted");
    (option->letter == 'c' ? bytes : lines) = number;
  }
  if (options.wrong()) return 2;
  const bool with_names = options.rest().size() > 1;
  bool is_first = true;
  return for_each_file(arguments, options.rest(), [&](int fd, std::string_view path) {
    if (with_names) print("{}==> {} <==\n", is_first ? "" : "\n", path);
    is_first = false;
    LineReader reader(fd);
    std::string_view line;
    int64_t left = bytes ? *bytes : *lines;
    while (left > 0 && reader.next(line).value_or(false)) {
      const String whole = String(line) + (reader.had_newline() ? "\n" : "");
      if (bytes) {
        out.write(whole.substr(0, static_cast<size_t>(left)));
        left -= static_cast<int64_t>(whole.size());
      } else {
        out.write(whole);
        --left;
      }
    }
  });
}

}  // namespace weft
