#include "console_terminal.hh"

#include <array>

#include "core/base/log.hh"
#include "core/fs/special_node.hh"
#include "core/ipc/terminal_file.hh"
#include "core/mm/heap.hh"
#include "core/proc/kernel_thread.hh"
#include "core/sync/guarded.hh"
#include "core/sync/semaphore.hh"
#include "dev/power.hh"
#include "dev/serial.hh"

namespace weft::console {
namespace {

// What was typed and not yet read. More than fits is lost, as with a real keyboard.
struct Typed {
  static constexpr size_t k_room = 4096;

  std::array<char, k_room> bytes{};
  size_t first = 0;
  size_t count = 0;
};

constinit Guarded<Typed, Rank::console> typed;
[[clang::no_destroy]] constinit Semaphore bytes_typed(0);

// In the serial port's interrupt.
void take_byte(char byte) {
  const bool fits = typed.with([&](Typed& all) {
    if (all.count == Typed::k_room) return false;
    all.bytes[(all.first + all.count++) % Typed::k_room] = byte;
    return true;
  });
  if (fits) bytes_typed.release();
}

class SerialLine final : public ipc::TerminalDevice {
 public:
  void write(std::string_view bytes) override { dev::serial::send(bytes); }
};

constinit SerialLine serial_line;
constinit ipc::Terminal* terminal = nullptr;

// A terminal's work may block, so an interrupt can't do it.
void bring_typed_bytes() {
  for (;;) {
    const char byte = read_typed();
    terminal->receive({&byte, 1});
  }
}

Result<> start() {
  terminal = TRY(mm::make<ipc::Terminal>(serial_line)).release();
  TRY(spawn({.name = "console"}, bring_typed_bytes)).detach();
  return {};
}

}  // namespace

bool listen() { return dev::serial::listen(take_byte); }

char read_typed() {
  bytes_typed.acquire();
  return typed.with([](Typed& all) {
    const char byte = all.bytes[all.first];
    all.first = (all.first + 1) % Typed::k_room;
    --all.count;
    return byte;
  });
}

void start_terminal() {
  if (!start().has_value()) dev::refuse_to_start("too little memory for the console");
  if (!listen()) log::warn("nothing can be typed: the serial port has no interrupt");
  fs::register_device("console", fs::make_device(5, 1), 0600, [](fs::SpecialNode&, uint32_t flags) {
    return ipc::TerminalFile::make(*terminal, flags, true);
  });
  fs::register_device("tty", fs::make_device(5, 0), 0666, [](fs::SpecialNode&, uint32_t flags) {
    return ipc::TerminalFile::make_of_caller(flags);
  });
}

}  // namespace weft::console
