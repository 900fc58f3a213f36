// Takes a program's options apart: -a -l, -al, -n 5, -n5, and -- as their end.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/errno.hh"
#include "userlib/bin/tools.hh"

namespace weft {

struct Option {
  char letter;
  const char* value;  // of an option that takes one
};

class OptionParser {
 public:
  // `letters` as in "ln:#": options -l, -n with a value, and -5, whose letter is # and value "5".
  OptionParser(Arguments arguments, std::string_view letters)
      : arguments_(arguments), letters_(letters) {}

  // The next option; nothing at their end, or after a wrong one, about which a message was printed.
  std::optional<Option> next();
  bool wrong() const { return wrong_; }
  // What stands behind the options.
  Arguments rest() const { return arguments_.subspan(at_); }

 private:
  std::optional<Option> fail(std::string_view message, char letter);

  Arguments arguments_;
  std::string_view letters_;
  size_t at_ = 1;
  size_t within_ = 1;
  bool wrong_ = false;
};

// "ls: path: no such file or directory", on standard error. The answer is 1, as a status.
int complain(Arguments arguments, std::string_view path, Errno error);
int complain(Arguments arguments, std::string_view message);

}  // namespace weft
