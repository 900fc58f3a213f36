#include "x86_64/panic.hh"

#include <array>
#include <span>

#include "core/base/atomic.hh"
#include "core/base/format.hh"
#include "core/hal.hh"
#include "dev/power.hh"
#include "dev/report.hh"
#include "dev/serial.hh"
#include "x86_64/backtrace.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/registers.hh"

namespace weft::x86 {
namespace {

// The CPU that panics has its number + 1 here.
constinit Atomic<unsigned> panicking_cpu{0};
// How deep: a panic inside a panic is short, and one inside that is silent.
constinit unsigned panic_depth = 0;
constinit std::string_view first_reason;

template <typename... Values>
void write(std::string_view pattern, const Values&... values) {
  hal::write_log(Text<240>(pattern, values...).view());
}

// All other CPUs halt where they are, even where their interrupts are off. A CPU that does not
// answer is not waited for.
void stop_other_cpus(unsigned self) {
  constexpr unsigned k_patience = 1'000'000;
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    const CpuBlock& block = cpu_blocks[cpu];
    if (cpu == self || !block.is_online.load(acquire)) continue;
    send_nmi(block.apic_id);
    for (unsigned i = 0; i < k_patience && block.stopped_at.load(acquire) == nullptr; ++i) pause();
  }
}

void write_registers(const TrapFrame& f) {
  write("rip {:016x}  rsp {:016x}  rbp {:016x}  flags {:08x}\n", f.rip, f.rsp, f.rbp, f.rflags);
  write("rax {:016x}  rbx {:016x}  rcx {:016x}  rdx {:016x}\n", f.rax, f.rbx, f.rcx, f.rdx);
  write("rsi {:016x}  rdi {:016x}  r8  {:016x}  r9  {:016x}\n", f.rsi, f.rdi, f.r8, f.r9);
  write("r10 {:016x}  r11 {:016x}  r12 {:016x}  r13 {:016x}\n", f.r10, f.r11, f.r12, f.r13);
  write("r14 {:016x}  r15 {:016x}  cr2 {:016x}  cr3 {:016x}\n", f.r14, f.r15, read_cr2(),
        read_cr3());
}

void write_call(uintptr_t address, size_t times) {
  write("  ");
  hal::write_address(address);
  if (times > 1) write("  ({} times)", times);
  write("\n");
}

// A function that calls itself without an end takes one line, so that its first caller can be seen.
void write_backtrace(const TrapFrame& frame) {
  constexpr size_t k_most_calls = 256;
  constexpr size_t k_most_lines = 40;
  std::array<uintptr_t, k_most_calls> calls;
  calls[0] = frame.rip;
  const size_t count = 1 + follow_frames(frame.rbp, std::span(calls).subspan(1));
  write("backtrace:\n");
  size_t lines = 0;
  for (size_t i = 0; i < count;) {
    const size_t first = i;
    while (i < count && calls[i] == calls[first]) ++i;
    if (lines++ < k_most_lines) write_call(calls[first], i - first);
  }
  if (lines > k_most_lines || count == k_most_calls) write("  ...\n");
}

void write_other_cpus(unsigned self) {
  for (unsigned cpu = 0; cpu < hal::cpu_count(); ++cpu) {
    const CpuBlock& block = cpu_blocks[cpu];
    if (cpu == self || !block.is_online.load(acquire)) continue;
    const TrapFrame* frame = block.stopped_at.load(acquire);
    write("CPU {} was ", cpu);
    if (frame == nullptr) {
      write("not to be stopped\n");
    } else {
      write("in ");
      hal::write_address(frame->rip);
      write("\n");
    }
  }
}

// Makes this CPU the one that panics. Where another one is already, this one halts; where this one
// is, the panic is ended at once.
void enter_panic(std::string_view reason) {
  const unsigned self = hal::cpu_id();
  unsigned seen = 0;
  if (!panicking_cpu.compare_exchange(seen, self + 1, acq_rel) && seen != self + 1) halt_for_ever();
  if (panic_depth++ == 0) {
    first_reason = reason;
    return;
  }
  dev::serial::seize();
  if (panic_depth == 2) {
    write("\npanic inside a panic: {}\n", reason);
    dev::report("panic", "{}; inside this panic: {}", first_reason, reason);
  }
  dev::end_after_panic();
}

}  // namespace

void stop_with_registers(std::string_view reason, const TrapFrame& frame) {
  enter_panic(reason);
  const unsigned self = hal::cpu_id();
  if (cpu_blocks[self].is_online.load(acquire)) stop_other_cpus(self);
  dev::serial::seize();
  write("\nKERNEL PANIC: {}\n", reason);
  write("CPU:     {}\n", self);
  if (hal::current() != nullptr) upcall::describe_current();
  write_registers(frame);
  write_backtrace(frame);
  write_other_cpus(self);
  dev::report("panic", reason);
  dev::end_after_panic();
}

void stop_if_panicking(const TrapFrame& frame) {
  const unsigned cpu = panicking_cpu.load(acquire);
  if (cpu == 0 || cpu == hal::cpu_id() + 1) return;
  own_cpu_block().stopped_at.store(&frame, release);
  halt_for_ever();
}

}  // namespace weft::x86

extern "C" [[noreturn]] void stop_with_saved_registers(const char* reason, size_t length,
                                                       const weft::x86::TrapFrame& frame) {
  weft::x86::stop_with_registers({reason, length}, frame);
}
