#include "x86_64/tlb.hh"

#include <array>

#include "core/base/assert.hh"
#include "core/hal.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/features.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/registers.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {
namespace {

// Beyond so many pages it is cheaper to throw everything away.
constexpr size_t k_most_single_pages = 64;

// Where a CPU puts what it wants of the others, and notes what it has done for them. Each CPU has one
// request at a time, so several CPUs can ask at once without waiting for each other's turn.
struct alignas(64) FlushDesk {
  // This CPU's request. Whoever sees a new number sees the address and the pages, too; they stay as
  // they are until all CPUs have done it.
  VirtAddr address = 0;
  size_t pages = 0;
  Atomic<uint64_t> number{0};
  // The number of the last request of each other CPU that this CPU has done.
  std::array<Atomic<uint64_t>, hal::k_max_cpus> done{};
  // An interrupt was sent to this CPU and has not arrived: it need not be sent again.
  Atomic<bool> interrupt_is_coming{false};
};
constinit std::array<FlushDesk, hal::k_max_cpus> desks{};

void invalidate_all() {
  const uint64_t cr4 = read_cr4();
  if (features.global_pages) {  // a new root table would leave the global pages alone
    write_cr4(cr4 & ~k_cr4_global_pages);
    write_cr4(cr4);
  } else {
    write_cr3(read_cr3());
  }
}

void invalidate(VirtAddr address, size_t pages) {
  if (pages > k_most_single_pages) {
    invalidate_all();
  } else {
    for (size_t i = 0; i < pages; ++i) invalidate_page(address + i * k_page_size);
  }
}

void do_requests() {
  FlushDesk& own = desks[hal::cpu_id()];
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    const FlushDesk& desk = desks[cpu];
    const uint64_t number = desk.number.load(acquire);
    if (own.done[cpu].load(relaxed) == number) continue;
    invalidate(desk.address, desk.pages);
    own.done[cpu].store(number, release);
  }
}

}  // namespace

void on_flush_interrupt() {
  // First this: a request that comes after it brings an interrupt of its own.
  desks[hal::cpu_id()].interrupt_is_coming.exchange(false, acq_rel);
  do_requests();
}

// Whoever asks looks who is online after putting the request down; this CPU looks for requests after
// saying that it is online. So at least one of the two sees the other: either an interrupt comes, or
// the request is done here. What was asked for earlier is done by throwing everything away.
void join_flushes() {
  fence(seq_cst);
  FlushDesk& own = desks[hal::cpu_id()];
  std::array<uint64_t, hal::k_max_cpus> seen;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) seen[cpu] = desks[cpu].number.load(acquire);
  invalidate_all();
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) own.done[cpu].store(seen[cpu], release);
}

}  // namespace weft::x86

// Interrupts are off all the time, so that no other thread of this CPU can put a second request on
// its desk. Since two CPUs may wait for each other here, each does the other's request meanwhile.
void weft::hal::flush_kernel(VirtAddr address, size_t pages) {
  using namespace x86;
  ASSERT(irq_enabled(), "a flush waits for other CPUs, and they may be waiting for this one");
  irq_save();
  const unsigned self = cpu_id();
  FlushDesk& own = desks[self];
  const uint64_t number = own.number.load(relaxed) + 1;
  own.address = address;
  own.pages = pages;
  own.number.store(number, release);
  do_requests();   // its own among them
  fence(seq_cst);  // the pair of the one in join_flushes()
  for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) {
    if (cpu == self || !cpu_blocks[cpu].is_online.load(acquire)) continue;
    if (desks[cpu].interrupt_is_coming.exchange(true, acq_rel)) continue;
    send_interrupt(cpu_blocks[cpu].apic_id, k_vector_flush);
  }
  for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) {
    while (cpu_blocks[cpu].is_online.load(acquire) &&
           desks[cpu].done[self].load(acquire) < number) {
      do_requests();
      relax();
    }
  }
  irq_restore(true);
}
