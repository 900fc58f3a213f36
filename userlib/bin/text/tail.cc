// tail [-n LINES] [-f] [FILE...]: the end of a file. -n +N: from line N on. -f: and what is added to it.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {
namespace {

void show_from(int fd, int64_t first) {
  int64_t number = 0;
  (void)for_each_line(fd, [&](std::string_view line) {
    if (++number >= first) print("{}\n", line);
  });
}

// Keeps the last lines in a ring.
void show_last(int fd, size_t count) {
  Vector<String> ring;
  size_t next = 0;
  LineReader reader(fd);
  std::string_view line;
  while (count > 0 && reader.next(line).value_or(false)) {
    const String whole = String(line) + (reader.had_newline() ? "\n" : "");
    if (ring.size() < count) {
      ring.push_back(whole);
    } else {
      ring[next] = whole;
      next = (next + 1) % count;
    }
  }
  for (size_t i = 0; i < ring.size(); ++i) out.write(ring[(next + i) % ring.size()]);
}

// Shows what is added to the file, until the program is ended. Files don't tell when they grow: look
// again four times a second.
[[noreturn]] void follow(int fd) {
  constexpr abi::Timespec k_pause = {0, 250'000'000};
  for (;;) {
    out.flush();
    (void)copy_all(fd, 1);
    (void)sys::nanosleep(&k_pause, nullptr);
  }
}

}  // namespace

int tail_main(Arguments arguments) {
  std::string_view wanted = "10";
  bool follows = false;
  OptionParser options(arguments, "n:f#");
  while (const auto option = options.next()) {
    if (option->letter == 'n' || option->letter == '#') wanted = option->value;
    if (option->letter == 'f') follows = true;
  }
  if (options.wrong()) return 2;
  const auto number = parse_number(wanted);
  if (!number) return complain(arguments, "a number is wanted");
  const bool with_names = options.rest().size() > 1;
  bool is_first = true;
  return for_each_file(arguments, options.rest(), [&](int fd, std::string_view path) {
    if (with_names) print("{}==> {} <==\n", is_first ? "" : "\n", path);
    is_first = false;
    if (wanted.starts_with('+')) {
      show_from(fd, *number);
    } else {
      show_last(fd, static_cast<size_t>(*number < 0 ? -*number : *number));
    }
    if (follows) follow(fd);
  });
}

}  // namespace weft
