// head [-n LINES] [-c BYTES] [FILE...]: the beginning of a file.
#include <algorithm>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {

namespace {

void show_lines(int fd, int64_t count) {
  LineReader reader(fd);
  std::string_view line;
  for (; count > 0 && reader.next(line).value_or(false); --count) {
    print("{}{}", line, reader.had_newline() ? "\n" : "");
  }
}

void show_bytes(int fd, int64_t count) {
  char room[4096];
  while (count > 0) {
    const auto length =
        sys::read(fd, room, std::min<size_t>(sizeof room, static_cast<size_t>(count)));
    if (!length || *length == 0) return;
    out.write({room, *length});
    count -= static_cast<int64_t>(*length);
  }
}

}  // namespace

int head_main(Arguments arguments) {
  int64_t lines = 10;
  std::optional<int64_t> bytes;
  OptionParser options(arguments, "n:c:#");
  while (const auto option = options.next()) {
    const auto number = parse_number(option->value);
    if (!number || *number < 0) return complain(arguments, "a number is wanted");
    if (option->letter == 'c') {
      bytes = number;
    } else {
      lines = *number;
    }
  }
  if (options.wrong()) return 2;
  const bool with_names = options.rest().size() > 1;
  bool is_first = true;
  return for_each_file(arguments, options.rest(), [&](int fd, std::string_view path) {
    if (with_names) print("{}==> {} <==\n", is_first ? "" : "\n", path);
    is_first = false;
    if (bytes) {
      show_bytes(fd, *bytes);
    } else {
      show_lines(fd, lines);
    }
  });
}

}  // namespace weft
