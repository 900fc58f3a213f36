// From words as they were written to words as a program gets them: ~, $name, ${...}, $(...), $((...)),
// then splitting at blanks, then file-name patterns, then the quotes go.
#pragma once

#include <optional>
#include <string_view>

#include "userlib/base/string.hh"
#include "userlib/base/vector.hh"
#include "userlib/bin/sh/shell.hh"

namespace weft::sh {

// All of these answer with nothing after an error, which they have reported; the shell is giving up
// then.
std::optional<Vector<String>> expand_words(Shell& shell, const Vector<String>& words);
// Without splitting and patterns: assignments, file names of redirections, the word of a case.
std::optional<String> expand_word(Shell& shell, std::string_view word);
// For matches(): what was quoted has backslashes.
std::optional<String> expand_pattern(Shell& shell, std::string_view word);
// The lines of a here-document.
std::optional<String> expand_document(Shell& shell, std::string_view text);

}  // namespace weft::sh
