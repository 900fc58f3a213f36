// echo [-n] [-e] TEXT...
#include "userlib/base/print.hh"
#include "userlib/bin/text/escapes.hh"
#include "userlib/bin/tools.hh"

namespace weft {

int echo_main(Arguments arguments) {
  bool newline = true;
  bool escapes = false;
  size_t at = 1;
  for (; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    if (word.size() < 2 || word[0] != '-' ||
        word.find_first_not_of("neE", 1) != std::string_view::npos)
      break;
    if (word.contains('n')) newline = false;
    if (word.contains('e')) escapes = true;
  }
  for (bool is_first = true; at < arguments.size(); ++at, is_first = false) {
    if (!is_first) out.write(" ");
    if (!escapes) {
      out.write(arguments[at]);
    } else if (!write_escaped(out, arguments[at])) {
      return 0;  // \c: nothing more, not even the newline
    }
  }
  if (newline) out.write("\n");
  return 0;
}

}  // namespace weft
