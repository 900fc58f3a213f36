#include "userlib/coro/overflow.hh"

#include "core/abi/signal.hh"
#include "core/base/assert.hh"
#include "core/base/types.hh"
#include "userlib/base/print.hh"
#include "userlib/coro/block_slab.hh"
#include "userlib/coro/current.hh"
#include "userlib/coro/frame.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/park.hh"
#include "userlib/coro/sanitizers.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constexpr size_t k_signal_stack = 16 * 1024;
constexpr int32_t k_segv = abi::k_sigsegv;

// Is the fault in the guard page of the coroutine that runs here? Or does it stand beyond its packed stack?
bool is_overflow(const Coroutine& coroutine, uintptr_t address, uintptr_t stack_pointer) {
  const Worker* worker = this_worker();
  if (worker == nullptr || &coroutine == &worker->base() || in_task()) return false;
  const auto size = static_cast<StackSize>(coroutine.stack_class);
  const auto frame = reinterpret_cast<uintptr_t>(coroutine.frame);
  const uintptr_t floor = stack_floor(size, frame);
  if (is_packed(size)) return stack_pointer < floor || was_overrun(size, frame);
  return address < floor && address >= floor - k_page_size;
}

void tell_overflow(const Coroutine& coroutine, const char* name) {
  print_error("stack overflow in coroutine {} ({}): {} bytes are not enough\n",
              block_number(coroutine), shorten_name(name),
              stack_bytes(static_cast<StackSize>(coroutine.stack_class)));
}

// Has it run off its packed stack? It has changed the word at the end, or stepped over it and stands beyond.
bool has_overrun(const Coroutine& block) {
  const uintptr_t mark = block.context.resume_at.load(acquire);
  const bool has_stack = mark != k_not_started && mark != k_stackless && mark != k_unused;
  if (!has_stack || block.joiner.load(acquire) == k_finished) return false;
  const auto size = static_cast<StackSize>(block.stack_class);
  const auto frame = reinterpret_cast<uintptr_t>(block.frame);
  const bool stands_beyond =
      mark > k_last_mark && block.context.stack_pointer < stack_floor(size, frame);
  return is_packed(size) && (stands_beyond || was_overrun(size, frame));
}

// Who runs off a packed stack writes into the next one, whose frame may be gone then, and its name with it.
bool is_overrun_by_another(const Coroutine& coroutine) {
  bool is_overrun = false;
  for_each_block([&](const Coroutine& other) {
    if (!has_overrun(other)) return;
    const auto size = static_cast<StackSize>(other.stack_class);
    const uintptr_t start = round_down(reinterpret_cast<uintptr_t>(other.frame), stack_bytes(size));
    is_overrun = is_overrun || start == reinterpret_cast<uintptr_t>(top_of(*coroutine.frame));
  });
  return is_overrun;
}

// (The handler must not fault itself: of such a one it doesn't look at the name.)
const char* name_in(const Coroutine& coroutine) {
  if (is_overrun_by_another(coroutine)) return "overrun, too";
  const char* given = detail::given_name(coroutine.frame->locals);
  return given != nullptr ? given : coroutine.frame->kind->name;
}

// Returning from here makes the same fault again, and then it is the kernel's to end the program.
void on_fault(int signal, abi::SignalInfo* information, const abi::UserContext* context) {
  const Coroutine& here = running();
  if (is_overflow(here, reinterpret_cast<uintptr_t>(information->fault.address),
                  context->registers.rsp))
    tell_overflow(here, name_in(here));
  for_each_block([&](const Coroutine& each) {
    if (&each != &here && has_overrun(each)) tell_overflow(each, name_in(each));
  });
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

// (Its variables may be gone by now, and the name it was given with them.)
void end_by_overrun(const Coroutine& coroutine) {
  tell_overflow(coroutine, coroutine.frame->kind->name);
  panic("broken promise: a coroutine stays on its stack");
}

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
