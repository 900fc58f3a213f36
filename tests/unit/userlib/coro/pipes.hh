// Pipes to wait for, closed at the end.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include "userlib/base/file.hh"
#include "userlib/syscalls.hh"

namespace weft {

struct Pipe {
  Pipe() { EXPECT_EQ(pipe(ends), 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int ends[2];
};

// One that says Errno::again instead of blocking.
struct ImpatientPipe {
  ImpatientPipe() {
    int ends[2];
    EXPECT_TRUE(sys::pipe2(ends, abi::k_o_nonblock));
    reader = Descriptor(ends[0]);
    writer = Descriptor(ends[1]);
  }
  void put(char c) { EXPECT_EQ(sys::write(writer.get(), &c, 1).value_or(0), 1u); }
  char take() {
    char c = 0;
    EXPECT_EQ(sys::read(reader.get(), &c, 1).value_or(0), 1u);
    return c;
  }

  Descriptor reader;
  Descriptor writer;
};

}  // namespace weft
