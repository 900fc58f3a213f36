// true, false, help.
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"

namespace weft {

int true_main(Arguments) { return 0; }
int false_main(Arguments) { return 1; }

int help_main(Arguments) {
  print("The programs here; in the shell, help lists its own commands.\n");
  for (const Tool& tool : all_tools()) print("  {:<10} {}\n", tool.name, tool.help);
  return 0;
}

}  // namespace weft
