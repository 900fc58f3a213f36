// yes [TEXT...]: prints it until nobody listens.
#include "userlib/base/print.hh"
#include "userlib/base/string.hh"
#include "userlib/bin/tools.hh"

namespace weft {

int yes_main(Arguments arguments) {
  String line;
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (i > 1) line += ' ';
    line += arguments[i];
  }
  if (line.empty()) line = "y";
  line += '\n';
  while (!out.failed()) out.write(line);
  return 1;
}

}  // namespace weft
