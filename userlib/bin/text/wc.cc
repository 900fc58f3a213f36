// wc [-l] [-w] [-c] [FILE...]: count lines, words, bytes.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {
namespace {

struct Counts {
  uint64_t lines = 0;
  uint64_t words = 0;
  uint64_t bytes = 0;
};

struct Wanted {
  bool lines = false;
  bool words = false;
  bool bytes = false;
};

Counts count(int fd) {
  Counts counts;
  bool in_word = false;
  char room[4096];
  for (;;) {
    const auto length = sys::read(fd, room, sizeof room);
    if (!length || *length == 0) return counts;
    counts.bytes += *length;
    for (const char c : std::string_view(room, *length)) {
      if (c == '\n') ++counts.lines;
      if (!is_space(c) && !in_word) ++counts.words;
      in_word = !is_space(c);
    }
  }
}

// One number stands alone, several in columns.
void show(const Wanted& wanted, const Counts& counts, std::string_view name, bool in_columns) {
  bool is_first = true;
  const auto column = [&](bool is_wanted, uint64_t number) {
    if (!is_wanted) return;
    if (!is_first) print(" ");
    is_first = false;
    if (in_columns) {
      print("{:7}", number);
    } else {
      print("{}", number);
    }
  };
  column(wanted.lines, counts.lines);
  column(wanted.words, counts.words);
  column(wanted.bytes, counts.bytes);
  if (name != "-") print(" {}", name);
  print("\n");
}

}  // namespace

int wc_main(Arguments arguments) {
  Wanted wanted;
  OptionParser options(arguments, "lwc");
  while (const auto option = options.next()) {
    if (option->letter == 'l') wanted.lines = true;
    if (option->letter == 'w') wanted.words = true;
    if (option->letter == 'c') wanted.bytes = true;
  }
  if (options.wrong()) return 2;
  if (!wanted.lines && !wanted.words && !wanted.bytes) wanted = {true, true, true};
  const bool in_columns =
      wanted.lines + wanted.words + wanted.bytes > 1 || options.rest().size() > 1;
  Counts total;
  const int status = for_each_file(arguments, options.rest(), [&](int fd, std::string_view path) {
    const Counts counts = count(fd);
    show(wanted, counts, path, in_columns);
    total = {total.lines + counts.lines, total.words + counts.words, total.bytes + counts.bytes};
  });
  if (options.rest().size() > 1) show(wanted, total, "total", in_columns);
  return status;
}

}  // namespace weft
