// For cases on the userlib: its start code calls this main(), which goes on as other guest programs do.
#include "guest/support/start.hh"

namespace weft::guest {

int main_program(const StartStack& start);

StartStack g_start;

}  // namespace weft::guest

int main(int argc, char** argv) {
  weft::guest::StartStack start = {};
  start.argument_count = argc;
  start.arguments = argv;
  start.environment = argv + argc + 1;
  weft::guest::g_start = start;
  return weft::guest::main_program(start);
}
