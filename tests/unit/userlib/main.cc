// The main program of the userlib's unit tests, and what its code needs of a program around it.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/assert.hh"

namespace weft {

void panic(const char* reason, const char* file, int line) {
  std::fprintf(stderr, "%s at %s:%d\n", reason, file, line);
  std::abort();
}

}  // namespace weft

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
