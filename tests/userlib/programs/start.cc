// What a program finds when it starts: arguments, environment, auxiliary vector, constructed objects.
#include "userlib/base/print.hh"
#include "userlib/sys/auxiliary.hh"

namespace {

struct Constructed {
  Constructed() : value(42) {}
  int value;
};
Constructed object;

}  // namespace

int main(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) weft::print("argument {}: {}\n", i, argv[i]);
  weft::print("after the last: {}\n", argv[argc] == nullptr ? "null" : "something");
  weft::print("COLOUR: {}\n", weft::sys::environment_value("COLOUR").value_or("none"));
  weft::print("COLO: {}\n", weft::sys::environment_value("COLO").value_or("none"));
  weft::print("page: {}\n", weft::sys::auxiliary(6).value_or(0));
  weft::print("nothing: {}\n", weft::sys::auxiliary(12345).has_value());
  weft::print("object: {}\n", object.value);
  const auto stack = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  weft::print("stack: {}\n", stack % 16 == 0 ? "aligned" : "crooked");
  return argc;
}
