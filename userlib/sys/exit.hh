// The end of a program.
#pragma once

namespace weft {

// Writes what `out` still holds, then ends the process.
[[noreturn]] void exit(int status);

}  // namespace weft
