#include "guest/support/case.hh"

#include "guest/support/calls.hh"
#include "guest/support/names.hh"

namespace weft::guest {

void say_values(std::string_view pattern, std::span<const FormatValue> values) {
  Text<1000> line("  ");
  format_values(line, pattern, values);
  line.write("\n");
  sys::write(1, line.c_str(), line.view().size());
}

void show(std::string_view what, long result) {
  if (is_error(result)) {
    say("{}: {}", what, error_name(-result));
  } else {
    say("{}: {}", what, result);
  }
}

void check(std::string_view what, bool holds) { say("{}: {}", what, holds ? "yes" : "no"); }

long must(std::string_view what, long result) {
  if (is_error(result)) {
    say("could not {}: {}", what, error_name(-result));
    sys::exit_group(99);
  }
  return result;
}

}  // namespace weft::guest
