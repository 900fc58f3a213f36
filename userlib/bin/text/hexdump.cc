// hexdump [FILE...]: bytes in hexadecimal, and as text beside it (as hexdump -C).
#include "userlib/base/memory.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {
namespace {

constexpr size_t k_width = 16;

void show_row(uint64_t offset, std::string_view row) {
  print("{:08x} ", offset);
  for (size_t i = 0; i < k_width; ++i) {
    if (i % 8 == 0) print(" ");
    if (i < row.size()) {
      print("{:02x} ", static_cast<unsigned char>(row[i]));
    } else {
      print("   ");
    }
  }
  print(" |");
  for (const char c : row) print("{}", c >= ' ' && c < 127 ? c : '.');
  print("|\n");
}

// Rows that repeat the one before are shown as one star.
void dump(int fd) {
  uint64_t offset = 0;
  String text;
  String previous;
  bool is_repeating = false;
  char room[4096];
  for (bool is_over = false; !is_over;) {
    const auto count = sys::read(fd, room, sizeof room);
    is_over = !count || *count == 0;
    if (!is_over) text.append({room, *count});
    size_t at = 0;
    for (; at + k_width <= text.size() || (is_over && at < text.size()); at += k_width) {
      const std::string_view row = text.substr(at, k_width);
      if (row.size() == k_width && row == previous.view()) {
        if (!is_repeating) print("*\n");
        is_repeating = true;
      } else {
        show_row(offset, row);
        is_repeating = false;
      }
      previous = row;
      offset += row.size();
    }
    text.erase(0, at);
  }
  if (offset > 0) print("{:08x}\n", offset);
}

}  // namespace

int hexdump_main(Arguments arguments) {
  OptionParser options(arguments, "C");
  while (options.next()) {
  }
  if (options.wrong()) return 2;
  return for_each_file(arguments, options.rest(), [](int fd, std::string_view) { dump(fd); });
}

}  // namespace weft
