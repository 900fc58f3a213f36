// Scripts: programs whose first line names the program that runs them, "#!interpreter argument".
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/base/result.hh"
#include "core/mm/memory_object.hh"

namespace weft::proc {

class ScriptLine {
 public:
  static constexpr size_t k_longest =
      255;  // a longer line is cut, as long as its first word is whole

  // Looks at the file's beginning: false if it is no script. Errno::noexec if it is one without an
  // interpreter, Errno::nomem.
  Result<bool> read(mm::MemoryObject& file);

  std::string_view interpreter() const { return interpreter_; }
  // All that stands behind the interpreter, as one text; empty if nothing does.
  std::string_view argument() const { return argument_; }

 private:
  Result<> split(std::string_view line, bool is_whole);

  std::array<char, k_longest> room_{};
  std::string_view interpreter_;
  std::string_view argument_;
};

}  // namespace weft::proc
