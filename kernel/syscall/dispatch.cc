// Where programs come into the kernel: a system call finds its handler; a fault that is the program's
// own ends its process.
#include <iterator>

#include "core/base/log.hh"
#include "core/hal.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {

#include "syscall/dispatch.inc"

namespace {

// The signals that stand for a program's mistakes.
constexpr int k_illegal_instruction = 4, k_trap = 5, k_bus_error = 7, k_arithmetic = 8, k_kill = 9,
              k_segment_violation = 11;

int signal_of_exception(uint64_t vector) {
  switch (vector) {
    case 0:
    case 16:
    case 19: return k_arithmetic;
    case 1:
    case 3: return k_trap;
    case 6: return k_illegal_instruction;
    case 11:
    case 12:
    case 17: return k_bus_error;
    default: return k_segment_violation;
  }
}

[[noreturn]] void end_by_signal(int signal) { proc::end_process(proc::status_of_signal(signal)); }

}  // namespace
}  // namespace weft::syscall

namespace weft {

void upcall::on_system_call(Registers& registers) {
  using namespace syscall;
  const uint64_t number = registers.rax;
  proc::UserThread& thread = proc::current_thread();
  if (number < std::size(k_calls) && k_calls[number].run != nullptr) [[likely]] {
    Context context{registers, thread, thread.process};
    const auto result = k_calls[number].run(context, {registers.rdi, registers.rsi, registers.rdx,
                                                      registers.r10, registers.r8, registers.r9});
    registers.rax = result.has_value() ? *result : -static_cast<uint64_t>(result.error());
  } else {
    registers.rax = -static_cast<uint64_t>(Errno::nosys);
  }
}

void upcall::before_user_mode(Registers&) {
  proc::UserThread& self = proc::current_thread();
  self.work.exchange(0, acq_rel);
  if (self.process.is_ending.load(acquire)) {
    hal::irq_restore(true);
    proc::end_thread(0);
  }
}

void upcall::on_user_exception(Registers& registers) {
  syscall::end_by_signal(syscall::signal_of_exception(registers.vector));
}

bool upcall::on_user_fault(VirtAddr address, unsigned wanted, bool from_user_mode) {
  proc::UserThread& self = proc::current_thread();
  proc::Process& process = self.process;
  const mm::FaultResult result =
      address < mm::k_user_end
          ? process.memory->handle_fault(address, static_cast<mm::Access>(wanted))
          : mm::FaultResult::bad_address;
  if (result == mm::FaultResult::handled) [[likely]] {
    ++self.faults;
    return true;
  }
  if (result == mm::FaultResult::no_memory) syscall::end_by_signal(syscall::k_kill);
  if (!from_user_mode) return false;
  syscall::end_by_signal(result == mm::FaultResult::beyond_object ? syscall::k_bus_error
                                                                  : syscall::k_segment_violation);
}

}  // namespace weft
