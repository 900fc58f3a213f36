// trap: what a script does when a signal comes, or when it ends.
#pragma once

#include <array>
#include <optional>

#include "userlib/base/string.hh"

namespace weft::sh {

struct Shell;

// A signal is only noted when it comes; its action runs between two commands.
class Traps {
 public:
  static constexpr int k_at_exit = 0;  // `trap ... EXIT`
  static constexpr int k_count = 65;

  // No action: as it was when the shell started. An empty one: ignored.
  void set(int signal, std::optional<String> action);
  const std::optional<String>& get(int signal) const {
    return actions_[static_cast<size_t>(signal)];
  }
  // In a subshell, actions are forgotten, and ignored signals stay ignored.
  void enter_subshell();
  // Whether a signal that has an action has come.
  static bool is_any_pending();
  // Forgets that this one came; true if it had.
  static bool take_pending(int signal);
  // Notes Ctrl-C, for an interactive shell that has no action for it.
  static void watch_interrupts();

 private:
  std::array<std::optional<String>, k_count> actions_;
};

// Runs the actions of all signals that have come. An interrupt without an action ends what runs, in an
// interactive shell.
void run_pending_traps(Shell& shell);
// Runs the action for the end of the shell, once.
void run_exit_trap(Shell& shell);

}  // namespace weft::sh
