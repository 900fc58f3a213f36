#include "x86_64/tlb.hh"

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

// What a CPU should forget. Kernel pages concern all CPUs, user pages those that have the process's
// table loaded. A table that goes away must not stay loaded anywhere.
struct Flush {
  PhysAddr user_root{};  // 0: kernel pages
  VirtAddr address = 0;
  size_t pages = 0;
  bool unload = false;
};

// The one request there is. Whoever owns it has written what to flush before the number, so a CPU
// that sees the number sees that, too; and it stays until all CPUs have answered.
struct FlushRequest {
  Atomic<bool> is_owned{false};
  Atomic<uint64_t> number{0};
  Flush flush;
};
constinit FlushRequest request;

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

// Whether that CPU may have stale copies. The changed entries are visible before this looks, and a
// CPU names a table before it loads it: so either we see the name, or it sees the new entries.
bool is_concerned(const CpuBlock& block, const Flush& flush) {
  if (!block.is_online.load(acquire)) return false;
  return flush.user_root == PhysAddr{} || block.loaded_root.load(seq_cst) == raw(flush.user_root);
}

// Interrupts are off all the time: otherwise the owner of the request could lose its CPU to a thread
// that waits for it here. So whoever waits must answer the requests of others itself.
void ask_all(const Flush& flush) {
  while (request.is_owned.exchange(true, acquire)) {
    answer_flush();
    hal::relax();
  }
  request.flush = flush;
  const uint64_t number = request.number.load(relaxed) + 1;
  request.number.store(number, release);
  answer_flush();
  // The changed entries must be visible before anybody is asked: the interrupts below are sent after
  // all earlier stores. A CPU that starts later has no stale copies (smp.cc).
  fence(seq_cst);
  const unsigned self = hal::cpu_id();
  uint32_t asked = 0;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    if (cpu == self || !is_concerned(cpu_blocks[cpu], flush)) continue;
    asked |= uint32_t{1} << cpu;
    send_interrupt(cpu_blocks[cpu].apic_id, k_vector_flush);
  }
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    const CpuBlock& block = cpu_blocks[cpu];
    while ((asked >> cpu & 1) != 0 && block.flushes_answered.load(acquire) < number) hal::relax();
  }
  request.is_owned.store(false, release);
}

void flush_everywhere(const Flush& flush) {
  ASSERT(hal::irq_enabled(), "a flush waits for other CPUs, and they may be waiting for this one");
  hal::irq_save();
  ask_all(flush);
  hal::irq_restore(true);
}

// Most processes run on one CPU at a time, this one: then nobody needs to be asked.
void flush_user_pages(const Flush& flush) {
  ASSERT(hal::irq_enabled(), "a flush waits for other CPUs, and they may be waiting for this one");
  hal::irq_save();
  fence(seq_cst);
  const unsigned self = hal::cpu_id();
  bool others = false;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    others = others || (cpu != self && is_concerned(cpu_blocks[cpu], flush));
  }
  if (others) {
    ask_all(flush);
  } else {
    carry_out(flush);
  }
  hal::irq_restore(true);
}

}  // namespace

void answer_flush() {
  CpuBlock& block = own_cpu_block();
  const uint64_t number = request.number.load(acquire);
  if (block.flushes_answered.load(relaxed) == number) return;
  carry_out(request.flush);
  block.flushes_answered.store(number, release);
}

}  // namespace weft::x86

namespace weft {

void hal::flush_kernel(VirtAddr address, size_t pages) {
  x86::flush_everywhere({PhysAddr{}, address, pages, false});
}

void hal::flush_user(PhysAddr root, VirtAddr address, size_t pages) {
  x86::flush_user_pages({root, address, pages, false});
}

void hal::unload_root(PhysAddr root) { x86::flush_user_pages({root, 0, 0, true}); }

void hal::load_root(PhysAddr root) {
  x86::CpuBlock& block = x86::own_cpu_block();
  if (block.loaded_root.load(relaxed) == raw(root)) return;
  // First the name, then the table: see is_concerned().
  block.loaded_root.store(raw(root), seq_cst);
  x86::write_cr3(raw(root));
}

}  // namespace weft
