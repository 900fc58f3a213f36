#include "x86_64/local_apic.hh"

#include "core/base/atomic.hh"
#include "core/hal.hh"
#include "x86_64/features.hh"
#include "x86_64/paging.hh"
#include "x86_64/registers.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {
namespace {

// In memory each register has 16 bytes; the MSR has the same number divided by 16.
enum class Register : uint32_t {
  id = 0x20,
  task_priority = 0x80,
  end_of_interrupt = 0xb0,
  spurious = 0xf0,
  command_low = 0x300,
  command_high = 0x310,
  timer = 0x320,
  line_0 = 0x350,
  line_1 = 0x360,
  error = 0x370,
  initial_count = 0x380,
  current_count = 0x390,
  divider = 0x3e0,
};

constexpr uint64_t k_base_enabled = 1 << 11;
constexpr uint64_t k_base_x2apic = 1 << 10;
constexpr uint32_t k_spurious_enabled = 1 << 8;
constexpr uint32_t k_masked = 1 << 16;
constexpr uint32_t k_timer_deadline = 2 << 17;
constexpr uint32_t k_divide_by_1 = 0xb;

constexpr uint32_t k_command_nmi = 4 << 8;
constexpr uint32_t k_command_init = 5 << 8;
constexpr uint32_t k_command_start = 6 << 8;
constexpr uint32_t k_command_assert = 1 << 14;
constexpr uint32_t k_command_pending = 1 << 12;

constinit volatile char* registers = nullptr;  // nothing with an x2APIC

Msr msr_of(Register which) {
  return static_cast<Msr>(static_cast<uint32_t>(Msr::x2apic) + (static_cast<uint32_t>(which) >> 4));
}

volatile uint32_t& memory_of(Register which) {
  return *reinterpret_cast<volatile uint32_t*>(registers + static_cast<uint32_t>(which));
}

uint32_t read(Register which) {
  return features.x2apic ? static_cast<uint32_t>(read_msr(msr_of(which))) : memory_of(which);
}

void write(Register which, uint32_t value) {
  if (features.x2apic) {
    write_msr(msr_of(which), value);
  } else {
    memory_of(which) = value;
  }
}

void send_command(uint32_t apic_id, uint32_t command) {
  if (features.x2apic) {
    // Unlike a write to memory this does not wait for earlier stores; the receiver must see them.
    fence(seq_cst);
    write_msr(msr_of(Register::command_low), uint64_t{apic_id} << 32 | command);
    return;
  }
  // Hardware needs a moment to send. A virtual machine doesn't, and reading is slow there.
  if (!features.hypervisor) {
    while ((read(Register::command_low) & k_command_pending) != 0) pause();
  }
  write(Register::command_high, apic_id << 24);
  write(Register::command_low, command);
}

}  // namespace

void find_local_apic(PhysAddr place, EarlyMemory& memory) {
  if (!features.x2apic) registers = static_cast<volatile char*>(map_device(place, memory));
}

void start_local_apic() {
  const uint64_t mode = k_base_enabled | (features.x2apic ? k_base_x2apic : 0);
  write_msr(Msr::apic_base, read_msr(Msr::apic_base) | mode);
  // First of all: while the APIC is off, every line below stays masked, whatever is written.
  write(Register::spurious, k_spurious_enabled | k_vector_spurious);
  write(Register::task_priority, 0);
  write(Register::line_0, k_masked);
  write(Register::line_1, k_masked);
  write(Register::error, k_masked);
  write(Register::divider, k_divide_by_1);
  write(Register::timer, k_vector_timer);
}

uint32_t own_apic_id() {
  const uint32_t id = read(Register::id);
  return features.x2apic ? id : id >> 24;
}

void end_of_interrupt() { write(Register::end_of_interrupt, 0); }

void send_interrupt(uint32_t apic_id, uint8_t vector) {
  send_command(apic_id, k_command_assert | vector);
}
void send_nmi(uint32_t apic_id) { send_command(apic_id, k_command_assert | k_command_nmi); }
void send_init(uint32_t apic_id) { send_command(apic_id, k_command_assert | k_command_init); }
void send_start(uint32_t apic_id, uint8_t page_number) {
  send_command(apic_id, k_command_assert | k_command_start | page_number);
}

void start_count(uint32_t count) { write(Register::initial_count, count); }
uint32_t read_count() { return read(Register::current_count); }

void use_deadline_mode() {
  write(Register::timer, k_timer_deadline | k_vector_timer);
  // In memory mode, the write above and that of the MSR below could change places.
  asm volatile("mfence" ::: "memory");
}
void write_deadline(uint64_t time_stamp) { write_msr(Msr::tsc_deadline, time_stamp); }

}  // namespace weft::x86
