// Where programs come into the kernel: a system call finds its handler; a fault that is the program's
// own becomes a signal.
#include <array>
#include <iterator>
#include <utility>

#include "core/hal.hh"
#include "core/proc/children.hh"
#include "core/proc/out_of_memory.hh"
#include "core/proc/signal_delivery.hh"
#include "core/trace/trace.hh"
#include "syscall/handlers.hh"
#include "syscall/tracing.hh"

namespace weft::syscall {

#include "syscall/dispatch.inc"

namespace {

struct Fault {
  int signal;
  int code;
};

// The errors of a floating-point unit, the most telling first.
int floating_point_code(uint64_t errors) {
  if ((errors & 0x01) != 0) return abi::k_fpe_fltinv;
  if ((errors & 0x04) != 0) return abi::k_fpe_fltdiv;
  if ((errors & 0x08) != 0) return abi::k_fpe_fltovf;
  if ((errors & 0x12) != 0) return abi::k_fpe_fltund;
  if ((errors & 0x20) != 0) return abi::k_fpe_fltres;
  return abi::k_si_kernel;
}

Fault fault_of(const Registers& registers) {
  switch (registers.vector) {
    case 0: return {abi::k_sigfpe, abi::k_fpe_intdiv};
    case 1: return {abi::k_sigtrap, abi::k_trap_trace};
    case 3: return {abi::k_sigtrap, abi::k_si_kernel};
    case 6: return {abi::k_sigill, abi::k_ill_illopn};
    case 11:
    case 12: return {abi::k_sigbus, abi::k_si_kernel};
    case 16:
    case 19: return {abi::k_sigfpe, floating_point_code(registers.error_code)};
    case 17: return {abi::k_sigbus, abi::k_bus_adraln};
    default: return {abi::k_sigsegv, abi::k_si_kernel};
  }
}

Fault fault_of(mm::FaultResult result) {
  switch (result) {
    case mm::FaultResult::bad_access: return {abi::k_sigsegv, abi::k_segv_accerr};
    case mm::FaultResult::beyond_object: return {abi::k_sigbus, abi::k_bus_adrerr};
    default: return {abi::k_sigsegv, abi::k_segv_maperr};
  }
}

// A page fault's error code, as handlers find it in their context.
uint64_t error_of(mm::FaultResult result, unsigned wanted) {
  constexpr uint64_t k_was_there = 1, k_was_write = 2, k_was_user = 4, k_was_fetch = 16;
  uint64_t error = k_was_user;
  if (result == mm::FaultResult::bad_access) error |= k_was_there;
  if (wanted == static_cast<unsigned>(mm::Access::write)) error |= k_was_write;
  if (wanted == static_cast<unsigned>(mm::Access::execute)) error |= k_was_fetch;
  return error;
}

constexpr uint64_t k_page_fault = 14;

constexpr uint64_t answer_of(Errno error) { return -static_cast<uint64_t>(error); }

// A call that ends with an error, out of the way of those that don't.
[[gnu::noinline]] uint64_t refuse(Errno error) {
  if (error == Errno::intr) {
    const Context& context = proc::current_thread().call;
    proc::note_interrupted(context.thread, k_calls[context.registers.vector].restart);
  }
  return answer_of(error);
}

// The handler of a number that has one.
[[gnu::always_inline]] inline uint64_t run(Registers& registers, size_t number) {
  Context& context = proc::thread_below(registers).call;
  const auto result = k_calls[number].run(context, {registers.rdi, registers.rsi, registers.rdx,
                                                    registers.r10, registers.r8, registers.r9});
  if (result.has_value()) [[likely]]
    return *result;
  return refuse(result.error());
}

// The same, with what is to be seen of it.
[[gnu::noinline]] uint64_t enter_traced(Registers& registers, size_t number) {
  record_call(registers, number);
  const uint64_t result = run(registers, number);
  record_return(registers, number, result);
  return result;
}

// What the machine runs for a number: everything between the registers and the handler becomes part
// of it.
template <size_t number>
uint64_t enter(Registers& registers) {
  if constexpr (number < std::size(k_calls) && k_calls[number].run != nullptr) {
    if (hal::is_set(trace::is_on)) [[unlikely]]
      return enter_traced(registers, number);
    return run(registers, number);
  } else {
    return answer_of(Errno::nosys);
  }
}

template <size_t number>
constexpr upcall::SystemCall entry() {
  if constexpr (number < std::size(k_calls) && k_calls[number].all_registers) {
    return &hal::whole_frame_call;
  }
  return &enter<number>;
}

template <size_t... numbers>
constexpr auto make_entries(std::index_sequence<numbers...>) {
  return std::array<upcall::SystemCall, sizeof...(numbers)>{entry<numbers>()...};
}

}  // namespace
}  // namespace weft::syscall

namespace weft {

constinit const std::array<upcall::SystemCall, upcall::k_system_calls + 1> upcall::system_calls =
    syscall::make_entries(std::make_index_sequence<upcall::k_system_calls + 1>());

uint64_t upcall::run_whole_call(Registers& registers) {
  return hal::is_set(trace::is_on) ? syscall::enter_traced(registers, registers.vector)
                                   : syscall::run(registers, registers.vector);
}

void upcall::before_user_mode(Registers& registers) {
  proc::UserThread& self = proc::current_thread();
  const uint32_t work = self.work.exchange(0, acq_rel);
  if ((work & hal::k_work_signals) == 0) return;
  hal::irq_restore(true);
  proc::deliver_signals(self, registers);
  hal::irq_save();
}

void upcall::on_user_exception(Registers& registers) {
  const syscall::Fault fault = syscall::fault_of(registers);
  proc::force_fault(proc::current_thread(), fault.signal, fault.code, registers.rip,
                    {registers.vector, registers.error_code, 0});
}

// A touch that can't be made right. True if it may be tried again.
[[gnu::noinline]] static bool refuse_touch(proc::UserThread& self, mm::FaultResult result,
                                           VirtAddr address, unsigned wanted, bool from_user_mode) {
  if (result == mm::FaultResult::no_memory) return proc::relieve_memory(self, !from_user_mode);
  if (!from_user_mode) return false;
  const syscall::Fault fault = syscall::fault_of(result);
  proc::force_fault(self, fault.signal, fault.code, address,
                    {syscall::k_page_fault, syscall::error_of(result, wanted), address});
  return false;
}

bool upcall::on_user_fault(VirtAddr address, unsigned wanted, bool from_user_mode) {
  proc::UserThread& self = proc::current_thread();
  const mm::FaultResult result =
      self.process.memory->handle_fault(address, static_cast<mm::Access>(wanted));
  trace::record(trace::Kind::faults, address, static_cast<uint64_t>(result), wanted);
  if (result != mm::FaultResult::handled) [[unlikely]]
    return refuse_touch(self, result, address, wanted, from_user_mode);
  ++self.faults;
  return true;
}

}  // namespace weft
