#include "monitor/console.hh"

#include "console_terminal.hh"
#include "dev/serial.hh"

namespace weft::monitor {

bool Console::start_reading() { return console::listen(); }

void Console::write(std::string_view text) { dev::serial::write(text); }

char Console::read() { return console::read_typed(); }

}  // namespace weft::monitor
