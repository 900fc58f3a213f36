// The monitor: a prompt on the console, built into the kernel, until there are programs to run.
#include "core/base/line_editor.hh"
#include "core/base/options.hh"
#include "dev/power.hh"
#include "dev/report.hh"
#include "first_thread.hh"
#include "monitor/console.hh"
#include "monitor/shell.hh"

namespace weft {

using namespace monitor;

void first_thread() {
  static Console console;
  if (!kernel_options.command.empty()) {
    const Status status = run_line(console, kernel_options.command);
    dev::power_off(static_cast<unsigned>(status));
  }
  if (!console.start_reading())
    say(console, "Nothing can be typed here: the serial port has no interrupt.");
  say(console, "This is Weft's monitor. 'help' lists its commands, 'demo' its demos.");
  static LineEditor editor(console, "weft> ",
                           complete_word);  // its history is too large for a stack
  editor.start();
  dev::report("prompt");
  for (;;) {
    if (!editor.take(console.read())) continue;
    run_line(console, editor.line());
    editor.start();
  }
}

}  // namespace weft
