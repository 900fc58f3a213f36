// weft's side of make bench-coro: prints the nanoseconds of one operation, or whatever its row counts.
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "measure.hh"

int main(int count, char** arguments) {
  using namespace weft::bench;
  if (count < 2) return 2;
  for (const Measure* table : {k_switches, k_spawns, k_waits, k_values, k_pairs, k_idle}) {
    for (; table->name != nullptr; ++table) {
      if (std::strcmp(table->name, arguments[1]) != 0) continue;
      std::printf("%f\n", table->run());
      return 0;
    }
  }
  return 2;
}
