#include "x86_64/start.hh"

#include "core/base/format.hh"
#include "core/base/log.hh"
#include "core/hal.hh"
#include "dev/power.hh"
#include "x86_64/acpi.hh"
#include "x86_64/acpi_power.hh"
#include "x86_64/clock.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/cpu_stacks.hh"
#include "x86_64/descriptors.hh"
#include "x86_64/early_memory.hh"
#include "x86_64/features.hh"
#include "x86_64/image.hh"
#include "x86_64/io_apic.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/old_pic.hh"
#include "x86_64/paging.hh"
#include "x86_64/timer.hh"
#include "x86_64/user_memory.hh"
#include "x86_64/user_mode.hh"

extern "C" {

using Constructor = void (*)();
extern const Constructor init_array_start[], init_array_end[];

}  // extern "C"

namespace weft::x86 {
namespace {

constinit BootInfo boot_info;
constinit EarlyMemory early_memory;

// Objects outside of functions whose constructors are code.
void run_constructors() {
  for (const Constructor* constructor = init_array_start; constructor < init_array_end;
       ++constructor) {
    (*constructor)();
  }
}

}  // namespace

void start_paging(const BootInfo& info) {
  if (const std::string_view missing = detect_features(); !missing.empty()) {
    dev::refuse_to_start(Text<160>("this CPU ({}) lacks {}", cpu_model(), missing).view());
  }
  early_memory.init(info);
  use_features();
  prepare_user_access();
  start_user_mode();
  build_kernel_tables(info, early_memory);
}

void start_hardware(const BootInfo& info, unsigned most_cpus) {
  if (!read_acpi(info.rsdp, early_memory)) {
    log::warn("no ACPI tables: one CPU is used, and no serial input works");
  }
  prepare_power_off(early_memory);
  silence_old_pic();
  find_local_apic(machine.local_apic, early_memory);
  start_local_apic();
  start_io_apics(early_memory);
  if (!start_clock())
    dev::refuse_to_start("there is no timer chip (8254) to measure the clock against");
  start_timer();
  make_cpu_stacks(number_cpus(most_cpus), early_memory);

  if (machine.cpus_found > hal::k_max_cpus) {
    log::warn("this machine has {} CPUs; {} of them are used", machine.cpus_found, hal::k_max_cpus);
  }
  if (info.initrd_size > 0) {
    log::debug("initial file system: {} bytes at 0x{:x}", info.initrd_size, raw(info.initrd));
  }
  log::debug("clock: {} kHz, timer {} kHz, by {}", tsc_hertz() / 1000, timer_hertz() / 1000,
             clock_source());
  log::debug("CPU: {}; {}, {} pages of 1 GiB{}{}{}{}{}", cpu_model(),
             features.x2apic ? "x2APIC" : "APIC", features.gigabyte_pages ? "with" : "without",
             features.no_execute ? ", NX" : "", features.smep ? ", SMEP" : "",
             features.smap ? ", SMAP" : "", features.umip ? ", UMIP" : "",
             features.tsc_deadline ? ", TSC deadline" : "");
}

std::span<const MemoryRegion> free_memory() { return early_memory.rest(); }

}  // namespace weft::x86

// From boot/long_mode.S.
extern "C" [[noreturn]] void start_kernel(uint32_t magic, uint32_t left_by_loader) {
  using namespace weft;
  using namespace weft::x86;
  load_descriptors(cpu_blocks[0]);
  run_constructors();
  read_boot_info(boot_info, magic, PhysAddr{left_by_loader});
  kernel_main(boot_info);
}
