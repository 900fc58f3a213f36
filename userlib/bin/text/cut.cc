// cut -c LIST | -f LIST [-d SEPARATOR] [-s] [FILE...]: parts of lines. A list is 1,3-5,7-.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/text/lines.hh"

namespace weft {
namespace {

struct Range {
  size_t first;
  size_t last;
};

std::optional<Vector<Range>> parse_list(std::string_view text) {
  Vector<Range> ranges;
  for (const std::string_view piece : split(text, ',')) {
    const size_t dash = piece.find('-');
    const std::string_view low = piece.substr(0, dash);
    const std::string_view high = dash == std::string_view::npos ? low : piece.substr(dash + 1);
    const auto first = low.empty() ? 1 : parse_number(low);
    const auto last = high.empty() ? INT64_MAX : parse_number(high);
    if (!first || !last || *first < 1 || *last < *first) return std::nullopt;
    ranges.push_back({static_cast<size_t>(*first), static_cast<size_t>(*last)});
  }
  return ranges;
}

bool contains(const Vector<Range>& ranges, size_t place) {
  for (const Range& range : ranges) {
    if (range.first <= place && place <= range.last) return true;
  }
  return false;
}

}  // namespace

int cut_main(Arguments arguments) {
  const char* list = nullptr;
  bool by_field = false;
  bool only_separated = false;
  char separator = '\t';
  OptionParser options(arguments, "c:b:f:d:s");
  while (const auto option = options.next()) {
    if (option->letter == 'd') separator = option->value[0];
    if (option->letter == 's') only_separated = true;
    if (std::string_view("cbf").contains(option->letter)) {
      list = option->value;
      by_field = option->letter == 'f';
    }
  }
  if (options.wrong()) return 2;
  const auto ranges = list != nullptr ? parse_list(list) : std::nullopt;
  if (!ranges) return complain(arguments, "a list such as 1,3-5 is wanted behind -c or -f");
  return for_each_file(arguments, options.rest(), [&](int fd, std::string_view) {
    (void)for_each_line(fd, [&](std::string_view line) {
      if (!by_field) {
        for (size_t i = 0; i < line.size(); ++i) {
          if (contains(*ranges, i + 1)) out.write(line.substr(i, 1));
        }
        out.write("\n");
        return;
      }
      if (!line.contains(separator)) {
        if (!only_separated) print("{}\n", line);
        return;
      }
      bool is_first = true;
      size_t place = 0;
      for (const std::string_view field : split(line, separator)) {
        if (!contains(*ranges, ++place)) continue;
        if (!is_first) out.write({&separator, 1});
        is_first = false;
        out.write(field);
      }
      out.write("\n");
    });
  });
}

}  // namespace weft
