// Exceptions: what the CPU does when an instruction can't be carried out. In the kernel each of
// them is a bug, and ends in a panic that names it.
#include "core/base/access.hh"
#include "core/base/format.hh"
#include "core/base/registers.hh"
#include "core/hal.hh"
#include "x86_64/cpu_stacks.hh"
#include "x86_64/panic.hh"
#include "x86_64/registers.hh"
#include "x86_64/user_memory.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {
namespace {

using Reason = Text<160>;

// The bits of a page fault's error code.
constexpr uint64_t k_was_present = 1 << 0;
constexpr uint64_t k_was_write = 1 << 1;
constexpr uint64_t k_was_fetch = 1 << 4;

// Below this address is nothing; a pointer to a member of nothing points here.
constexpr VirtAddr k_null_area = 64 * 1024;

mm::Access wanted_access(const Registers& frame) {
  if ((frame.error_code & k_was_fetch) != 0) return mm::Access::execute;
  return (frame.error_code & k_was_write) != 0 ? mm::Access::write : mm::Access::read;
}

const char* name_of(uint64_t vector) {
  switch (static_cast<Exception>(vector)) {
    case Exception::divide_error: return "division by zero, or its result does not fit";
    case Exception::debug: return "debug exception";
    case Exception::nmi: return "non-maskable interrupt";
    case Exception::breakpoint: return "breakpoint instruction";
    case Exception::overflow: return "overflow";
    case Exception::bound_range: return "array bound exceeded";
    case Exception::invalid_opcode: return "invalid instruction";
    case Exception::no_fpu: return "floating-point instruction in the kernel";
    case Exception::double_fault: return "double fault";
    case Exception::invalid_tss: return "invalid task state segment";
    case Exception::segment_not_present: return "segment not present";
    case Exception::stack_segment: return "stack segment fault";
    case Exception::general_protection: return "general protection fault";
    case Exception::page_fault: return "page fault";
    case Exception::fpu_error: return "floating-point error";
    case Exception::alignment_check: return "unaligned access";
    case Exception::machine_check: return "machine check: the hardware reports an error of its own";
    case Exception::simd_error: return "floating-point error (SIMD)";
  }
  return "unknown exception";
}

// Whose guard page that is, if it is one.
bool describe_guard(VirtAddr address, Reason& reason) {
  if (const char* stack = guarded_cpu_stack(address); stack != nullptr) {
    format(reason, "kernel stack overflow of CPU {}'s {} stack", hal::cpu_id(), stack);
    return true;
  }
  if (const auto owner = upcall::stack_guard_owner(address); !owner.empty()) {
    format(reason, "kernel stack overflow of thread {}", owner);
    return true;
  }
  return false;
}

void describe_page_fault(const Registers& frame, Reason& reason) {
  const VirtAddr address = read_cr2();
  if (describe_guard(address, reason)) return;
  const bool fetch = (frame.error_code & k_was_fetch) != 0;
  const bool write = (frame.error_code & k_was_write) != 0;
  const char* deed = fetch ? "executing" : write ? "writing to" : "reading from";
  if (address < k_null_area) {
    format(reason, "null pointer used, {} address 0x{:x}", deed, address);
  } else if ((frame.error_code & k_was_present) == 0) {
    format(reason, "page fault, {} address 0x{:x}, where nothing is mapped", deed, address);
  } else {
    format(reason, "page fault, {} address 0x{:x}, which its page does not permit", deed, address);
  }
}

void describe(const Registers& frame, Reason& reason) {
  switch (static_cast<Exception>(frame.vector)) {
    case Exception::page_fault: describe_page_fault(frame, reason); return;
    case Exception::double_fault:
      // The CPU could not push the frame of another exception. On an overflown stack that other
      // one was the page fault of the guard page, and its address is still there.
      if (describe_guard(read_cr2(), reason)) return;
      break;
    default: break;
  }
  format(reason, "{} (exception {}, error code {:x})", name_of(frame.vector), frame.vector,
         frame.error_code);
}

// What a floating-point unit complains of: the errors that have happened and are not masked. They
// stand in both units' registers in the same order.
uint32_t x87_errors() {
  uint16_t status;
  uint16_t control;
  asm volatile("fnstsw %0\n\tfnstcw %1" : "=m"(status), "=m"(control));
  return status & ~uint32_t{control} & 0x3f;
}
uint32_t simd_errors() {
  uint32_t status;
  asm volatile("stmxcsr %0" : "=m"(status));
  return status & ~(status >> 7) & 0x3f;
}

}  // namespace
}  // namespace weft::x86

extern "C" void handle_exception(weft::Registers& frame);

// From entry.S: a program did it. Interrupts are off; they are again when it returns.
extern "C" void handle_user_exception(weft::Registers& frame) {
  using namespace weft;
  using namespace weft::x86;
  switch (static_cast<Exception>(frame.vector)) {
    case Exception::nmi:
    case Exception::double_fault:
    case Exception::machine_check: return handle_exception(frame);  // not the program's doing
    default: break;
  }
  if (frame.vector == static_cast<uint64_t>(Exception::page_fault)) {
    const VirtAddr address = read_cr2();
    interrupts_on();
    upcall::on_user_fault(address, static_cast<unsigned>(wanted_access(frame)), true);
  } else {
    if (frame.vector == static_cast<uint64_t>(Exception::fpu_error)) {
      frame.error_code = x87_errors();
    } else if (frame.vector == static_cast<uint64_t>(Exception::simd_error)) {
      frame.error_code = simd_errors();
    }
    interrupts_on();
    upcall::on_user_exception(frame);
  }
  interrupts_off();
}

// From entry.S. Interrupts are off.
extern "C" void handle_exception(weft::Registers& frame) {
  using namespace weft::x86;
  if (frame.vector == static_cast<uint64_t>(Exception::page_fault) &&
      settle_user_access(frame, read_cr2())) {
    return;
  }
  if (frame.vector == static_cast<uint64_t>(Exception::general_protection) &&
      fail_user_access(frame)) {
    return;
  }
  if (frame.vector == static_cast<uint64_t>(Exception::nmi)) stop_if_panicking(frame);
  Reason reason;
  describe(frame, reason);
  stop_with_registers(reason.view(), frame);
}
