#include "userlib/coro/overflow.hh"

#include <string_view>

#include "core/abi/signal.hh"
#include "userlib/base/print.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/current.hh"
#include "userlib/coro/frame.hh"
#include "userlib/coro/sanitizers.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constexpr size_t k_signal_stack = 16 * 1024;
constexpr int32_t k_segv = abi::k_sigsegv;

// Is the fault in the guard page of the coroutine that runs here?
bool is_overflow(const Coroutine& coroutine, uintptr_t address) {
  const Worker* worker = this_worker();
  if (worker == nullptr || &coroutine == &worker->base()) return false;
  const auto size = static_cast<StackSize>(coroutine.stack_class);
  const uintptr_t floor = stack_floor(size, reinterpret_cast<uintptr_t>(coroutine.frame));
  return !is_packed(size) && address < floor && address >= floor - k_page_size;
}

// Returning from here makes the same fault again, and then it is the kernel's to end the program.
void on_fault(int signal, abi::SignalInfo* information, void*) {
  const Coroutine& coroutine = running();
  if (is_overflow(coroutine, reinterpret_cast<uintptr_t>(information->fault.address))) {
    const Frame& frame = *coroutine.frame;
    const char* given = detail::given_name(frame.locals);
    print_error("stack overflow in coroutine {} ({}): {} bytes are not enough\n",
                block_number(coroutine), given != nullptr ? given : frame.kind->name,
                stack_bytes(static_cast<StackSize>(coroutine.stack_class)));
  }
  (void)sys::default_signal(signal);
}

void install_handler() {
  abi::SignalAction present{};
  if (!sys::rt_sigaction(k_segv, nullptr, &present) || present.handler != abi::k_default_action)
    return;
  const abi::SignalAction action{reinterpret_cast<uint64_t>(&on_fault),
                                 abi::k_sa_siginfo | abi::k_sa_onstack | abi::k_sa_restorer,
                                 reinterpret_cast<uint64_t>(&weft_signal_restorer), 0};
  (void)sys::rt_sigaction(k_segv, &action, nullptr);
}

}  // namespace

// The sanitizers have their own.
OverflowGuard::OverflowGuard() {
  if (k_sanitized) return;
  const auto place = sys::mmap(nullptr, k_signal_stack, abi::k_prot_read | abi::k_prot_write,
                               abi::k_map_private | abi::k_map_anonymous, -1, 0);
  if (!place) return;
  stack_ = *place;
  const abi::SignalStack stack{reinterpret_cast<uint64_t>(stack_), 0, k_signal_stack};
  (void)sys::sigaltstack(&stack, nullptr);
  install_handler();
}

OverflowGuard::~OverflowGuard() {
  if (stack_ == nullptr) return;
  const abi::SignalStack none{0, abi::k_ss_disable, 0};
  (void)sys::sigaltstack(&none, nullptr);
  (void)sys::munmap(stack_, k_signal_stack);
}

}  // namespace weft::coro
