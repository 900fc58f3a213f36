#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

extern "C" [[gnu::naked]] void restore_from_signal() {
  asm("mov $15, %eax\n\t"
      "syscall");
}

struct KernelAction {
  void* handler;
  uint64_t flags;
  void (*restorer)();
  SignalSet mask;
};

long set_action(int number, void* handler, uint64_t flags, SignalSet mask) {
  const KernelAction action{handler, flags | SA_RESTORER, restore_from_signal, mask};
  return sys::rt_sigaction(number, &action, nullptr, k_signal_set_size);
}

}  // namespace

long handle(int number, Handler handler, uint64_t flags, SignalSet mask) {
  return set_action(number, reinterpret_cast<void*>(handler), flags, mask);
}

long handle_with_info(int number, InfoHandler handler, uint64_t flags, SignalSet mask) {
  return set_action(number, reinterpret_cast<void*>(handler), flags | SA_SIGINFO, mask);
}

long ignore(int number) { return handle(number, SIG_IGN); }
long restore_default(int number) { return handle(number, SIG_DFL); }

void block(SignalSet signals) {
  sys::rt_sigprocmask(SIG_BLOCK, &signals, nullptr, k_signal_set_size);
}

void unblock(SignalSet signals) {
  sys::rt_sigprocmask(SIG_UNBLOCK, &signals, nullptr, k_signal_set_size);
}

SignalSet blocked_signals() {
  SignalSet now = 0;
  sys::rt_sigprocmask(SIG_BLOCK, nullptr, &now, k_signal_set_size);
  return now;
}

SignalSet pending_signals() {
  SignalSet now = 0;
  sys::rt_sigpending(&now, k_signal_set_size);
  return now;
}

void raise(int number) { sys::tgkill(sys::getpid(), sys::gettid(), number); }

}  // namespace weft::guest
