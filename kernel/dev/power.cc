#include "dev/power.hh"

#include <algorithm>

#include "core/base/format.hh"
#include "core/hal.hh"
#include "dev/report.hh"
#include "dev/serial.hh"
#include "x86_64/acpi_power.hh"
#include "x86_64/registers.hh"

namespace weft::dev {
namespace {

// QEMU's isa-debug-exit: writing V there ends QEMU with the exit status 2 * V + 1. Power-off with
// status s writes 0x20 + s, a panic 0x7f. Where the device is missing, nothing happens.
constexpr uint16_t k_debug_exit = 0xf4;
constexpr uint8_t k_first_status = 0x20;
constexpr uint8_t k_panic = 0x7f;

}  // namespace

void power_off(unsigned status) {
  hal::irq_save();
  status = std::min(status, k_largest_status);
  report("end", "{}", status);
  x86::out8(k_debug_exit, static_cast<uint8_t>(k_first_status + status));
  x86::acpi_power_off();
  x86::halt_for_ever();
}

void restart() {
  constexpr uint16_t k_reset_control = 0xcf9;
  constexpr uint8_t k_reset_cpu = 6;
  hal::irq_save();
  report("end", "{}", 0);
  x86::out8(k_reset_control, k_reset_cpu);
  x86::halt_for_ever();
}

void end_after_panic() {
  x86::out8(k_debug_exit, k_panic);
  x86::halt_for_ever();
}

void refuse_to_start(std::string_view why) {
  serial::write(Text<400>("weft: cannot start: {}\n", why).view());
  power_off(1);
}

}  // namespace weft::dev
