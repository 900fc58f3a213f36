#include "userlib/bin/sh/traps.hh"

#include <utility>

#include "core/base/atomic.hh"
#include "userlib/bin/sh/shell.hh"
#include "userlib/sys/process.hh"
#include "userlib/syscalls.hh"

namespace weft::sh {
namespace {

// Bit n: signal n has come. Written by the handler.
constinit Atomic<uint64_t> pending(0);

void note_signal(int signal) { pending.fetch_or(uint64_t{1} << (signal & 63), relaxed); }

}  // namespace

void Traps::set(int signal, std::optional<String> action) {
  if (signal != k_at_exit) {
    // No SA_RESTART: `wait` and `read` are to end when a trap is due.
    if (!action) {
      (void)sys::default_signal(signal);
    } else if (action->empty()) {
      (void)sys::ignore_signal(signal);
    } else {
      (void)sys::on_signal(signal, note_signal, 0);
    }
  }
  actions_[static_cast<size_t>(signal)] = std::move(action);
}

void Traps::enter_subshell() {
  for (int signal = 0; signal < k_count; ++signal) {
    const auto& action = actions_[static_cast<size_t>(signal)];
    if (action && !action->empty()) set(signal, std::nullopt);
  }
  pending.store(0, relaxed);
}

bool Traps::is_any_pending() { return pending.load(relaxed) != 0; }

bool Traps::take_pending(int signal) {
  const uint64_t bit = uint64_t{1} << (signal & 63);
  return (pending.fetch_and(~bit, relaxed) & bit) != 0;
}

void Traps::watch_interrupts() { (void)sys::on_signal(abi::k_sigint, note_signal, 0); }

void run_pending_traps(Shell& shell) {
  if (!Traps::is_any_pending()) return;
  for (int signal = 1; signal < Traps::k_count; ++signal) {
    if (!Traps::take_pending(signal)) continue;
    if (const auto action = shell.traps.get(signal)) {
      const int status = shell.status;
      (void)run_text(shell, *action);
      if (shell.leaving == Leaving::no) shell.status = status;
    } else if (signal == abi::k_sigint && shell.options.is_interactive) {
      shell.give_up(128 + signal);
    }
  }
}

void run_exit_trap(Shell& shell) {
  const auto action = shell.traps.get(Traps::k_at_exit);
  if (!action) return;
  shell.traps.set(Traps::k_at_exit, std::nullopt);
  const int status = shell.status;
  shell.leaving = Leaving::no;
  (void)run_text(shell, *action);
  if (shell.leaving != Leaving::shell) shell.status = status;  // the action may exit with its own
}

}  // namespace weft::sh
