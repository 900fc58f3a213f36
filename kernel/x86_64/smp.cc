#include "x86_64/smp.hh"

#include <algorithm>
#include <array>

#include "core/base/format.hh"
#include "core/hal.hh"
#include "dev/power.hh"
#include "x86_64/acpi.hh"
#include "x86_64/boot_layout.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/cpu_stacks.hh"
#include "x86_64/descriptors.hh"
#include "x86_64/features.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/paging.hh"
#include "x86_64/registers.hh"
#include "x86_64/timer.hh"
#include "x86_64/tlb.hh"

extern "C" {

extern const char trampoline_start[], trampoline_end[];

// What boot/ap_trampoline.S reads.
constinit uint32_t ap_efer = 0;
constinit uint64_t ap_root_table = 0;
constinit uint32_t ap_arrivals = 0;
constinit weft::VirtAddr ap_stack_tops[weft::hal::k_max_cpus] = {};

}  // extern "C"

namespace weft::x86 {
namespace {

constinit unsigned cpu_total = 1;

// A CPU that was told to start and says nothing for so long is broken.
constexpr Nanoseconds k_patience = 10 * k_second;
// A start signal can get lost on real hardware: it is sent a second time after a while.
constexpr Nanoseconds k_second_signal = 20 * k_millisecond;

void copy_trampoline() {
  void* page = hal::phys_to_virt(PhysAddr{WEFT_TRAMPOLINE});
  std::copy(trampoline_start, trampoline_end, static_cast<char*>(page));
}

void wait_for(unsigned cpu) {
  const CpuBlock& block = cpu_blocks[cpu];
  const Instant begin = hal::now();
  bool sent_again = false;
  while (!block.is_online.load(acquire)) {
    hal::relax();
    const Nanoseconds waited = hal::now() - begin;
    if (waited > k_second_signal && !sent_again) {
      send_start(block.apic_id, WEFT_TRAMPOLINE >> k_page_shift);
      sent_again = true;
    }
    if (waited > k_patience) {
      dev::refuse_to_start(
          Text<120>("CPU {} (APIC id {}) was told to start and never did", cpu, block.apic_id)
              .view());
    }
  }
}

CpuBlock& block_of_apic(uint32_t apic_id) {
  return *std::find_if(cpu_blocks.begin(), cpu_blocks.begin() + cpu_total,
                       [apic_id](const CpuBlock& block) { return block.apic_id == apic_id; });
}

// A CPU's APIC id without its APIC, which is not on yet.
uint32_t ask_apic_id() {
  return features.x2apic && cpuid(0).eax >= 0xb ? cpuid(0xb).edx : cpuid(1).ebx >> 24;
}

}  // namespace

unsigned number_cpus(unsigned most) {
  const uint32_t own_id = own_apic_id();
  cpu_blocks[0].apic_id = own_id;
  for (unsigned i = 0; i < machine.cpus && cpu_total < most; ++i) {
    const uint32_t apic_id = machine.cpu_apic_ids[i];
    if (apic_id == own_id) continue;
    cpu_blocks[cpu_total].id = cpu_total;
    cpu_blocks[cpu_total].apic_id = apic_id;
    ++cpu_total;
  }
  return cpu_total;
}

void start_other_cpus() {
  cpu_blocks[0].is_online.store(true, release);
  if (cpu_total == 1) return;
  copy_trampoline();
  ap_efer = static_cast<uint32_t>(read_msr(Msr::efer));
  ap_root_table = raw(kernel_root_table());
  for (unsigned cpu = 1; cpu < cpu_total; ++cpu) ap_stack_tops[cpu] = start_stack_top(cpu);
  ap_arrivals = 1;
  for (unsigned cpu = 1; cpu < cpu_total; ++cpu) send_init(cpu_blocks[cpu].apic_id);
  for (unsigned cpu = 1; cpu < cpu_total; ++cpu) {
    send_start(cpu_blocks[cpu].apic_id, WEFT_TRAMPOLINE >> k_page_shift);
  }
  for (unsigned cpu = 1; cpu < cpu_total; ++cpu) wait_for(cpu);
}

}  // namespace weft::x86

unsigned weft::hal::cpu_count() { return x86::cpu_total; }

// From boot/ap_trampoline.S, on one of the new stacks, with interrupts off. The CPUs arrive in any
// order; each finds its number by its APIC id.
extern "C" [[noreturn]] void start_ap_kernel() {
  using namespace weft;
  using namespace weft::x86;
  CpuBlock& block = block_of_apic(ask_apic_id());
  load_descriptors(block);
  use_features();
  start_local_apic();
  start_timer();
  block.is_online.store(true, release);
  join_flushes();
  upcall::on_cpu_start();
}
