// Ends in the way that its argument names.
#include <string_view>

#include "core/base/assert.hh"
#include "userlib/base/heap.hh"
#include "userlib/base/print.hh"
#include "userlib/sys/exit.hh"
#include "userlib/syscalls.hh"

namespace {

// Writes past the end of its array, as far as the protector's secret.
[[gnu::noinline]] void overrun(size_t count) {
  char room[16];
  volatile char* place = room;
  for (size_t i = 0; i < count; i = i + 1) place[i] = 'x';
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view how = argc > 1 ? argv[1] : "";
  weft::print("gathered, ");
  if (how == "exit") weft::exit(3);
  if (how == "at once") weft::sys::exit_group(4);
  if (how == "promise") ASSERT(argc == 0, "the impossible happens");
  if (how == "overrun") overrun(40);
  if (how == "foreign") {
    alignas(65536) static char memory[65536];
    weft::heap::free(memory + 64);
  }
  if (how == "memory") ::operator delete(::operator new(size_t{1} << 62));
  weft::print("returned\n");
  return 5;
}
