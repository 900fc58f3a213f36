// The shell: finds the commands in a line of text and runs them. The monitor's prompt uses it, and
// the kernel option cmd="...".
#pragma once

#include <string_view>

#include "monitor/command.hh"

namespace weft::monitor {

// Runs the commands of the line, one after the other; the status of the last (an empty line: success).
Status run_line(Sink& out, std::string_view line);

// For the line editor (LineEditor::Completer): the words that can stand behind `before`.
std::string_view complete_word(std::string_view before, size_t index);

}  // namespace weft::monitor
