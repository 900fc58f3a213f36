#include "x86_64/tlb.hh"

#include <array>

#include "core/base/assert.hh"
#include "core/hal.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/features.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/paging.hh"
#include "x86_64/registers.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {
namespace {

// Beyond so many pages it is cheaper to throw everything away.
constexpr size_t k_most_single_pages = 64;

// What to forget. Kernel pages concern all CPUs, user pages those that have the process's table
// loaded. A table that goes away must not stay loaded anywhere.
struct Flush {
  PhysAddr user_root{};  // 0: kernel pages
  VirtAddr address = 0;
  size_t pages = 0;
  bool unload = false;
};

// Where a CPU puts what it wants of the others, and notes what it has done for them. Each CPU has one
// request at a time, so several CPUs can ask at once without waiting for each other's turn.
struct alignas(64) FlushDesk {
  // This CPU's request. Whoever sees a new number sees what to flush, too; it stays as it is until
  // all CPUs that it concerns have done it.
  Flush flush;
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

void carry_out(const Flush& flush) {
  if (flush.user_root != PhysAddr{}) {
    if (own_cpu_block().loaded_root.load(relaxed) != raw(flush.user_root)) return;
    if (flush.unload) return hal::load_root(kernel_root_table());
    // User pages are not global, so loading the table again throws all of them away.
    if (flush.pages > k_most_single_pages) return write_cr3(raw(flush.user_root));
  } else if (flush.pages > k_most_single_pages) {
    return invalidate_all();
  }
  for (size_t i = 0; i < flush.pages; ++i) invalidate_page(flush.address + i * k_page_size);
}

void do_requests() {
  FlushDesk& own = desks[hal::cpu_id()];
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    const FlushDesk& desk = desks[cpu];
    const uint64_t number = desk.number.load(acquire);
    if (own.done[cpu].load(relaxed) == number) continue;
    carry_out(desk.flush);
    own.done[cpu].store(number, release);
  }
}

// Whether that CPU may have stale copies. The changed entries are visible before this looks, and a
// CPU names a table before it loads it: so either we see the name, or it sees the new entries.
bool is_concerned(const CpuBlock& block, const Flush& flush) {
  if (!block.is_online.load(acquire)) return false;
  return flush.user_root == PhysAddr{} || block.loaded_root.load(seq_cst) == raw(flush.user_root);
}

// Interrupts are off all the time, so that no other thread of this CPU can put a second request on
// its desk. Since two CPUs may wait for each other here, each does the other's request meanwhile.
void flush_everywhere(const Flush& flush) {
  ASSERT(hal::irq_enabled(), "a flush waits for other CPUs, and they may be waiting for this one");
  hal::irq_save();
  const unsigned self = hal::cpu_id();
  FlushDesk& own = desks[self];
  const uint64_t number = own.number.load(relaxed) + 1;
  own.flush = flush;
  own.number.store(number, release);
  do_requests();   // its own among them
  fence(seq_cst);  // the pair of the one in join_flushes()
  uint32_t asked = 0;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    if (cpu == self || !is_concerned(cpu_blocks[cpu], flush)) continue;
    asked |= uint32_t{1} << cpu;
    if (desks[cpu].interrupt_is_coming.exchange(true, acq_rel)) continue;
    send_interrupt(cpu_blocks[cpu].apic_id, k_vector_flush);
  }
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    while ((asked >> cpu & 1) != 0 && desks[cpu].done[self].load(acquire) < number) {
      do_requests();
      hal::relax();
    }
  }
  hal::irq_restore(true);
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

namespace weft {

void hal::flush_kernel(VirtAddr address, size_t pages) {
  x86::flush_everywhere({PhysAddr{}, address, pages, false});
}

void hal::flush_user(PhysAddr root, VirtAddr address, size_t pages) {
  x86::flush_everywhere({root, address, pages, false});
}

void hal::unload_root(PhysAddr root) { x86::flush_everywhere({root, 0, 0, true}); }

void hal::load_root(PhysAddr root) {
  x86::CpuBlock& block = x86::own_cpu_block();
  if (block.loaded_root.load(relaxed) == raw(root)) return;
  // First the name, then the table: see is_concerned().
  block.loaded_root.store(raw(root), seq_cst);
  x86::write_cr3(raw(root));
}

}  // namespace weft
