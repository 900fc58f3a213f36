// Thread-local variables have their values and their places. SIZE and ALIGNMENT come from the command
// line of the compiler: all other variables are bytes, so that these two alone decide how the block of
// variables lies.
#include <cstdint>

#include "userlib/base/print.hh"

thread_local char first = 'f';
alignas(ALIGNMENT) thread_local char aligned[SIZE] = {1};
thread_local char middle = 'm';
thread_local char zero;
thread_local char zeros[SIZE];

namespace {

bool is_all(const char* bytes, size_t from, size_t to, char value) {
  for (size_t i = from; i < to; ++i) {
    if (bytes[i] != value) return false;
  }
  return true;
}

}  // namespace

int main(int, char**) {
  weft::print("{} {} {} {}\n", first, static_cast<int>(aligned[0]), middle, static_cast<int>(zero));
  weft::print("{}\n", is_all(aligned, 1, SIZE, 0) && is_all(zeros, 0, SIZE, 0) ? "zeros" : "dirt");
  weft::print("{}\n",
              reinterpret_cast<uintptr_t>(aligned) % ALIGNMENT == 0 ? "aligned" : "crooked");
  for (char& byte : aligned) byte = 3;
  for (char& byte : zeros) byte = 4;
  weft::print("{} {} {}\n", first, middle, static_cast<int>(zero));
  return 0;
}
