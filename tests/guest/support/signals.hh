// Signal handlers as a C library sets them: with a restorer that calls rt_sigreturn.
#pragma once

#include "guest/support/calls.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

using SignalSet = uint64_t;  // the kernel's: signal n is bit n - 1
inline constexpr size_t k_signal_set_size = 8;

template <typename... Numbers>
constexpr SignalSet signal_set(Numbers... numbers) {
  return (SignalSet{0} | ... | (SignalSet{1} << (numbers - 1)));
}

using Handler = void (*)(int);
using InfoHandler = void (*)(int, siginfo_t*, void*);

// rt_sigaction; the result is the call's.
long handle(int number, Handler handler, uint64_t flags = 0, SignalSet mask = 0);
long handle_with_info(int number, InfoHandler handler, uint64_t flags = 0, SignalSet mask = 0);
long ignore(int number);
long restore_default(int number);

// rt_sigprocmask of the calling thread.
void block(SignalSet signals);
void unblock(SignalSet signals);
SignalSet blocked_signals();
SignalSet pending_signals();

// To the calling thread, and handled (unless blocked) before this returns.
void raise(int number);

// The register state that a handler with info was given.
inline sigcontext& registers_of(void* context) {
  return static_cast<ucontext*>(context)->uc_mcontext;
}

}  // namespace weft::guest
