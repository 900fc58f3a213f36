#include "x86_64/io_apic.hh"

#include <array>
#include <span>

#include "x86_64/acpi.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/paging.hh"
#include "x86_64/registers.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {
namespace {

// An I/O APIC shows one register at a time: its number is written here, its value is there.
class IoApic {
 public:
  constexpr IoApic() = default;
  IoApic(volatile void* registers, uint32_t first_line)
      : registers_(static_cast<volatile uint32_t*>(registers)), first_line_(first_line) {
    line_count_ = (read(k_version) >> 16 & 0xff) + 1;
  }

  bool has(uint32_t line) const { return line - first_line_ < line_count_; }
  uint32_t first_line() const { return first_line_; }
  uint32_t line_count() const { return line_count_; }

  void route(uint32_t line, uint32_t apic_id, uint32_t low) {
    const uint32_t entry = k_first_entry + 2 * (line - first_line_);
    write(entry, k_masked);  // quiet while the two halves don't fit
    write(entry + 1, apic_id << 24);
    write(entry, low);
  }
  void mask(uint32_t line) { write(k_first_entry + 2 * (line - first_line_), k_masked); }

 private:
  static constexpr uint32_t k_version = 1;
  static constexpr uint32_t k_first_entry = 0x10;
  static constexpr uint32_t k_masked = 1 << 16;

  uint32_t read(uint32_t number) {
    registers_[0] = number;
    return registers_[4];
  }
  void write(uint32_t number, uint32_t value) {
    registers_[0] = number;
    registers_[4] = value;
  }

  volatile uint32_t* registers_ = nullptr;
  uint32_t first_line_ = 0;
  uint32_t line_count_ = 0;
};

constinit std::array<IoApic, 4> io_apics{};

IoApic* io_apic_of(uint32_t line) {
  for (IoApic& io_apic : io_apics) {
    if (io_apic.has(line)) return &io_apic;
  }
  return nullptr;
}

}  // namespace

void start_io_apics(EarlyMemory& memory) {
  for (unsigned i = 0; i < machine.io_apic_count; ++i) {
    const IoApicInfo& info = machine.io_apics[i];
    io_apics[i] = IoApic(map_device(info.registers, memory), info.first_line);
    for (uint32_t n = 0; n < io_apics[i].line_count(); ++n) {
      io_apics[i].mask(io_apics[i].first_line() + n);
    }
  }
}

IoApicLine io_apic_line(unsigned isa_irq) {
  IoApicLine line{.exists = false, .number = isa_irq, .is_active_low = false, .is_level = false};
  for (const LineOverride& exception : std::span(machine.overrides).first(machine.override_count)) {
    if (exception.isa_irq != isa_irq) continue;
    line.number = exception.line;
    line.is_active_low = exception.is_active_low;
    line.is_level = exception.is_level;
  }
  line.exists = io_apic_of(line.number) != nullptr;
  return line;
}

void open_io_apic_line(const IoApicLine& line, uint8_t vector) {
  const uint32_t mode = (line.is_active_low ? 1 << 13 : 0) | (line.is_level ? 1 << 15 : 0);
  io_apic_of(line.number)->route(line.number, cpu_blocks[0].apic_id, mode | vector);
}

}  // namespace weft::x86
