// The console: the serial line, as somebody sits at its other end. Either the monitor reads what is
// typed, or a terminal does, which is /dev/console.
#pragma once

namespace weft::console {

// From now on what is typed is kept for read_typed(). False if this machine has nothing to type on.
bool listen();
// The next byte that is typed; blocks until there is one.
char read_typed();

// Makes the terminal, /dev/console and /dev/tty. Once, at boot, when the file tree is there.
void start_terminal();

}  // namespace weft::console
