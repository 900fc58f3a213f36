// Names for the numbers that transcripts print: errors, signals, the ways a process ends.
#pragma once

#include <string_view>

namespace weft::guest {

// Does this result of a system call say -errno?
constexpr bool is_error(long result) { return result < 0 && result >= -4095; }

const char* error_name(long error);    // 2 is "ENOENT"
const char* signal_name(long number);  // 11 is "SIGSEGV"; real-time signals are "SIGRTMIN+n"

}  // namespace weft::guest
