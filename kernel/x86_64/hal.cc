// The small parts of hal.hh, all of them on hot paths. The others are where their subject is:
// context.cc, paging.cc, tlb.cc, clock.cc, timer.cc, backtrace.cc.
#include "core/hal.hh"

#include "dev/serial.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/registers.hh"
#include "x86_64/vectors.hh"

extern "C" {

void switch_context(weft::hal::Context& from, weft::hal::Context& to);  // switch.S
[[noreturn]] void stop_here(const char* reason, size_t length);         // entry.S

}  // extern "C"

namespace weft {

using namespace x86;

constinit std::array<CpuBlock, hal::k_max_cpus> x86::cpu_blocks{};

namespace hal {

unsigned cpu_id() { return WEFT_OWN_FIELD(id); }

Thread* current() { return WEFT_OWN_FIELD(current); }
void set_current(Thread* thread) { WEFT_OWN_FIELD(current) = thread; }

bool is_set(const Atomic<bool>& flag) {
  static_assert(sizeof(flag) == 1);
  bool set;
  asm volatile("cmpb $0, %1" : "=@ccne"(set) : "m"(flag));
  return set;
}

void kick_cpu(unsigned cpu) {
  CpuBlock& block = cpu_blocks[cpu];
  if (!block.is_online.load(acquire)) return;  // it looks for work when it comes
  if (block.kick_is_coming.exchange(true, acq_rel)) return;
  send_interrupt(block.apic_id, k_vector_kick);
}

void relax() { pause(); }

bool irq_save() {
  const bool were_on = irq_enabled();
  interrupts_off();
  return were_on;
}
void irq_disable() { interrupts_off(); }
void irq_restore(bool were_on) {
  if (were_on) interrupts_on();
}
bool irq_enabled() { return (read_rflags() & k_rflags_interrupts) != 0; }

void wait_for_interrupt() {
  interrupts_on_and_halt();
  interrupts_off();
}

void switch_context(Context& from, Context& to) { ::switch_context(from, to); }

void zero_page(void* page) {
  size_t words = k_page_size / sizeof(uint64_t);
  asm volatile("rep stosq" : "+D"(page), "+c"(words) : "a"(0) : "memory");
}

void write_log(std::string_view text) { dev::serial::write(text); }

void stop(std::string_view reason) { stop_here(reason.data(), reason.size()); }

}  // namespace hal
}  // namespace weft
