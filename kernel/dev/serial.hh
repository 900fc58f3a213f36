// The serial port COM1, a 16550: the kernel's console. Writing waits until the port has taken
// everything, so nothing is lost; reading is by interrupts.
#pragma once

#include <string_view>

namespace weft::dev::serial {

// Makes the port ready. The first thing the kernel does, so that it can tell what goes wrong.
void start();
// Writes it all, with a carriage return before each newline; a call's text stays together. Any context.
void write(std::string_view text);
// The same, just the bytes.
void send(std::string_view bytes);
// For a panic, when the other CPUs are stopped: from now on writing takes no lock, since its
// owner may never let it go.
void seize();

// From now on the function gets each byte that arrives, in the port's interrupt, with interrupts
// off; bytes that came before are lost. False if the port's interrupt leads nowhere.
using Listener = void (*)(char byte);
bool listen(Listener listener);

}  // namespace weft::dev::serial
