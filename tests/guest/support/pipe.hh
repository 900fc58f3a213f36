// A pipe whose ends are closed when the case is done with them.
#pragma once

#include "guest/support/calls.hh"
#include "guest/support/case.hh"

namespace weft::guest {

struct Pipe {
  explicit Pipe(int flags = 0) {
    int ends[2];
    must("make a pipe", sys::pipe2(ends, flags));
    reader = ends[0];
    writer = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    close_writer();
  }

  void close_reader() {
    if (reader >= 0) sys::close(reader);
    reader = -1;
  }
  void close_writer() {
    if (writer >= 0) sys::close(writer);
    writer = -1;
  }

  int reader;
  int writer;
};

}  // namespace weft::guest
