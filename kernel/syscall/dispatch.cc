// Where programs come into the kernel: a system call finds its handler; a fault that is the program's
// own ends its process.
#include <array>
#include <iterator>
#include <utility>

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

constexpr uint64_t answer_of(Errno error) { return -static_cast<uint64_t>(error); }

// A call that ends with an error, out of the way of those that don't.
[[gnu::noinline]] uint64_t refuse(Context&, Errno error) { return answer_of(error); }

// What the machine runs for a number: everything between the registers and the handler becomes part
// of it.
template <size_t number>
uint64_t enter(Registers& registers) {
  if constexpr (number < std::size(k_calls) && k_calls[number].run != nullptr) {
    proc::UserThread& thread = proc::current_thread();
    Context context{registers, thread, thread.process};
    const auto result = k_calls[number].run(context, {registers.rdi, registers.rsi, registers.rdx,
                                                      registers.r10, registers.r8, registers.r9});
    return result.has_value() ? *result : refuse(context, result.error());
  } else {
    return answer_of(Errno::nosys);
  }
}

template <size_t... numbers>
constexpr auto make_entries(std::index_sequence<numbers...>) {
  return std::array<upcall::SystemCall, sizeof...(numbers)>{&enter<numbers>...};
}

}  // namespace
}  // namespace weft::syscall

namespace weft {

constinit const std::array<upcall::SystemCall, upcall::k_system_calls + 1> upcall::system_calls =
    syscall::make_entries(std::make_index_sequence<upcall::k_system_calls + 1>());

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
