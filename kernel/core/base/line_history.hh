// LineHistory: the last lines that were typed, for the arrow keys. Of a bounded size.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "core/base/format.hh"

namespace weft {

class LineHistory {
 public:
  static constexpr size_t k_longest_line = 200;
  static constexpr size_t k_room = 32;

  // Remembers a line, unless it is empty or the same as the last.
  void add(std::string_view line) {
    if (line.empty() || (count_ > 0 && line == back(0))) return;
    Text<k_longest_line>& place = lines_[count_++ % k_room];
    place.clear();
    place.write(line);
  }

  // How many lines there are to go back to.
  size_t size() const { return count_ < k_room ? count_ : k_room; }
  // The line that many before the last one.
  std::string_view back(size_t steps) const { return lines_[(count_ - 1 - steps) % k_room].view(); }

 private:
  std::array<Text<k_longest_line>, k_room> lines_;
  size_t count_ = 0;  // of all lines ever added
};

}  // namespace weft
