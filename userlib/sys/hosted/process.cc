// Through the C library, so that the sanitizers know of the handlers.
#include "userlib/sys/process.hh"

#include <cerrno>
#include <csignal>

namespace weft::sys {
namespace {

Result<> set_action(int signal, SignalHandler handler, uint64_t flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(flags);
  if (sigaction(signal, &action, nullptr) != 0) return fail(static_cast<Errno>(errno));
  return {};
}

}  // namespace

Result<> on_signal(int signal, SignalHandler handler, uint64_t flags) {
  return set_action(signal, handler, flags);
}
Result<> default_signal(int signal) { return set_action(signal, SIG_DFL, 0); }
Result<> ignore_signal(int signal) { return set_action(signal, SIG_IGN, 0); }

}  // namespace weft::sys
