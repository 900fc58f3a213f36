// The end of a program, and what happens where the standard library would throw.
#pragma once

#include "core/base/errno.hh"

namespace weft {

// Writes what `out` still holds, then ends the process at once: no thread is waited for.
[[noreturn]] void exit(int status);

// For functions that have the standard's signature, and so no place for an errno: where the standard
// library throws std::system_error, so does the hosted library; a freestanding program says what
// happened and ends. Who wants to go on uses the form that answers with a Result.
[[noreturn]] void throw_error(Errno error, const char* what);

}  // namespace weft
