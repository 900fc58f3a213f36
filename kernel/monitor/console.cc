#include "monitor/console.hh"

#include <array>

#include "core/sync/guarded.hh"
#include "core/sync/semaphore.hh"
#include "dev/serial.hh"

namespace weft::monitor {
namespace {

// What was typed and not yet read. More than fits is lost, as with a real keyboard.
struct Typed {
  static constexpr size_t k_room = 256;

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

}  // namespace

bool Console::start_reading() { return dev::serial::listen(take_byte); }

void Console::write(std::string_view text) { dev::serial::write(text); }

char Console::read() {
  bytes_typed.acquire();
  return typed.with([](Typed& all) {
    const char byte = all.bytes[all.first];
    all.first = (all.first + 1) % Typed::k_room;
    --all.count;
    return byte;
  });
}

}  // namespace weft::monitor
