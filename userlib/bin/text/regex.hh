// Regular expressions: . * + ? | ( ) [ ] ^ $ {m,n} \w \d \s \b. By backtracking, over the pattern as it
// is written; no table is built.
#pragma once

#include <optional>
#include <string_view>

#include "userlib/base/string.hh"

namespace weft {

class Regex {
 public:
  enum class Syntax { basic, extended, fixed };  // grep, grep -E, grep -F

  Regex(std::string_view pattern, Syntax syntax, bool ignores_case);

  struct Match {
    size_t at;
    size_t length;
  };
  // The leftmost place from `from` on where it fits.
  std::optional<Match> search(std::string_view text, size_t from = 0) const;

 private:
  String pattern_;  // in the extended syntax
  bool ignores_case_;
};

}  // namespace weft
