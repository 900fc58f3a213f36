// < > >> 2>&1 and here-documents.
#pragma once

#include "userlib/base/vector.hh"
#include "userlib/bin/sh/shell.hh"
#include "userlib/bin/sh/syntax.hh"

namespace weft::sh {

// Redirects in this process, for good; false, with a message, if one cannot be done.
bool redirect(Shell& shell, const Vector<Redirection>& redirections);

// The same, until the object goes.
class TemporaryRedirection {
 public:
  TemporaryRedirection(Shell& shell, const Vector<Redirection>& redirections);
  TemporaryRedirection(const TemporaryRedirection&) = delete;
  TemporaryRedirection& operator=(const TemporaryRedirection&) = delete;
  ~TemporaryRedirection();

  bool worked() const { return worked_; }
  // For `exec`: they stay.
  void keep();

 private:
  struct Saved {
    int fd;
    int copy;  // -1: it was closed
  };

  Vector<Saved> saved_;
  bool worked_;
};

}  // namespace weft::sh
