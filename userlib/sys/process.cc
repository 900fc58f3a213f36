#include "userlib/sys/process.hh"

#include "userlib/syscalls.hh"

namespace weft::sys {
namespace {

Result<> set_action(int signal, uint64_t handler, uint64_t flags) {
  const abi::SignalAction action = {handler, flags | abi::k_sa_restorer,
                                    reinterpret_cast<uint64_t>(&weft_signal_restorer), 0};
  return rt_sigaction(signal, &action, nullptr);
}

}  // namespace

Result<> on_signal(int signal, SignalHandler handler, uint64_t flags) {
  return set_action(signal, reinterpret_cast<uint64_t>(handler), flags);
}
Result<> default_signal(int signal) { return set_action(signal, abi::k_default_action, 0); }
Result<> ignore_signal(int signal) { return set_action(signal, abi::k_ignore_signal, 0); }

}  // namespace weft::sys
