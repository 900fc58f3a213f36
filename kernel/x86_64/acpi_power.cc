#include "x86_64/acpi_power.hh"

#include "core/hal.hh"
#include "x86_64/acpi.hh"
#include "x86_64/paging.hh"
#include "x86_64/registers.hh"

namespace weft::x86 {
namespace {

// The sleep control register, where it is in memory.
constinit volatile uint8_t* sleep_register = nullptr;

}  // namespace

void prepare_power_off(EarlyMemory& memory) {
  const AcpiRegister& sleep = machine.sleep_control;
  if (sleep.address == 0 || sleep.space != AcpiRegister::Space::memory) return;
  sleep_register = static_cast<volatile uint8_t*>(map_device(PhysAddr{sleep.address}, memory));
}

void acpi_power_off() {
  // PM1 control and the sleep control register have the same two fields, at different places.
  constexpr uint16_t k_pm1_enable = 1 << 13;
  constexpr unsigned k_pm1_type = 10;
  constexpr uint8_t k_sleep_enable = 1 << 5;
  constexpr unsigned k_sleep_type = 2;

  const AcpiRegister& sleep = machine.sleep_control;
  const auto sleep_value =
      static_cast<uint8_t>(machine.off_type_a << k_sleep_type | k_sleep_enable);
  if (sleep.address != 0 && sleep.space == AcpiRegister::Space::port) {
    out8(static_cast<uint16_t>(sleep.address), sleep_value);
  } else if (sleep_register != nullptr) {
    *sleep_register = sleep_value;
  }
  const auto pm1_value = [](uint8_t type) {
    return static_cast<uint16_t>(type << k_pm1_type | k_pm1_enable);
  };
  if (machine.pm1a_control != 0) out16(machine.pm1a_control, pm1_value(machine.off_type_a));
  if (machine.pm1b_control != 0) out16(machine.pm1b_control, pm1_value(machine.off_type_b));
}

}  // namespace weft::x86
