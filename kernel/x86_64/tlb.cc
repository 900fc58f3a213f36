#include "x86_64/tlb.hh"

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

// The one request there is. Whoever owns it has written address and pages before the number, so a
// CPU that sees the number sees them, too; and they stay until all CPUs have answered.
struct FlushRequest {
  Atomic<bool> is_owned{false};
  Atomic<uint64_t> number{0};
  VirtAddr address = 0;
  size_t pages = 0;
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

void invalidate(VirtAddr address, size_t pages) {
  if (pages > k_most_single_pages) {
    invalidate_all();
  } else {
    for (size_t i = 0; i < pages; ++i) invalidate_page(address + i * k_page_size);
  }
}

}  // namespace

void answer_flush() {
  CpuBlock& block = own_cpu_block();
  const uint64_t number = request.number.load(acquire);
  if (block.flushes_answered.load(relaxed) == number) return;
  invalidate(request.address, request.pages);
  block.flushes_answered.store(number, release);
}

}  // namespace weft::x86

// Interrupts are off all the time: otherwise the owner of the request could lose its CPU to a
// thread that waits for it here. So whoever waits must answer the requests of others itself.
void weft::hal::flush_kernel(VirtAddr address, size_t pages) {
  using namespace x86;
  ASSERT(irq_enabled(), "a flush waits for other CPUs, and they may be waiting for this one");
  irq_save();
  while (request.is_owned.exchange(true, acquire)) {
    answer_flush();
    relax();
  }
  request.address = address;
  request.pages = pages;
  const uint64_t number = request.number.load(relaxed) + 1;
  request.number.store(number, release);
  answer_flush();
  // The unmapping must be visible before anybody is asked: the interrupts below are sent after all
  // earlier stores. A CPU that starts later has no stale copies (smp.cc).
  fence(seq_cst);
  const unsigned self = cpu_id();
  for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) {
    if (cpu != self && cpu_blocks[cpu].is_online.load(acquire)) {
      send_interrupt(cpu_blocks[cpu].apic_id, k_vector_flush);
    }
  }
  for (unsigned cpu = 0; cpu < cpu_count(); ++cpu) {
    const CpuBlock& block = cpu_blocks[cpu];
    while (block.is_online.load(acquire) && block.flushes_answered.load(acquire) < number) relax();
  }
  request.is_owned.store(false, release);
  irq_restore(true);
}
