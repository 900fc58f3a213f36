// Console: the terminal at the other end of the serial line, as the monitor sees it.
#pragma once

#include "core/base/format.hh"

namespace weft::monitor {

class Console final : public Sink {
 public:
  // From now on what is typed is kept for read(). False if this machine has nothing to type on.
  bool start_reading();
  // A call's text stays together, whoever else writes.
  void write(std::string_view text) override;
  // The next byte that is typed; blocks until there is one.
  char read();
};

// One line, written in one piece, so that threads that print at the same time don't mix their lines.
template <typename... Values>
void say(Sink& out, std::string_view pattern, const Values&... values) {
  constexpr size_t k_longest_line = 200;
  Text<k_longest_line> line(pattern, values...);
  line.write("\n");
  out.write(line.view());
}

}  // namespace weft::monitor
