// Patterns with * ? and [...]: for file names, for `case`, and for ${name#pattern}.
#pragma once

#include <string_view>

#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"

namespace weft::sh {

// Whether the pattern describes the whole text. A backslash makes the next character ordinary.
bool matches(std::string_view pattern, std::string_view text);

// Whether there is anything in the pattern to match with.
bool has_wildcards(std::string_view pattern);

// All paths that fit the pattern, sorted. A leading dot must be written out.
Vector<String> paths_that_match(std::string_view pattern);

}  // namespace weft::sh
