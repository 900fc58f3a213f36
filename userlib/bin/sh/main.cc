// The shell: sh [-ceimnux] [SCRIPT or COMMANDS] [ARGUMENT...]
#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/builtins.hh"
#include "userlib/bin/sh/execute.hh"
#include "userlib/bin/sh/input.hh"
#include "userlib/bin/tools.hh"
#include "userlib/sys/auxiliary.hh"
#include "userlib/sys/process.hh"

namespace weft {
namespace sh {

Function* Shell::find_function(std::string_view wanted) {
  for (Function& function : functions) {
    if (function.name == wanted) return &function;
  }
  return nullptr;
}

void Shell::give_up(int with_status) {
  status = with_status;
  leaving = options.is_interactive ? Leaving::to_prompt : Leaving::shell;
}

namespace {

void take_environment(Shell& shell) {
  for (const std::string_view entry : sys::start_environment()) {
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    (void)shell.variables.set(entry.substr(0, equals), entry.substr(equals + 1));
    shell.variables.mark(entry.substr(0, equals)).is_exported = true;
  }
  (void)shell.variables.set("IFS", " \t\n");
  (void)shell.variables.set("OPTIND", "1");
  (void)shell.variables.set("PPID", Text<24>("{}", sys::getppid().value_or(0)).view());
  if (!shell.variables.get("PS1")) (void)shell.variables.set("PS1", "$PWD # ");
  if (!shell.variables.get("PS2")) (void)shell.variables.set("PS2", "> ");
  if (!shell.variables.get("PATH")) (void)shell.variables.set("PATH", "/bin:/usr/bin");
  char room[4096];
  if (sys::getcwd(room, sizeof room)) (void)shell.variables.set("PWD", room);
}

// Keys are answered soon, however many programs run: also those that a mistake has started. Where the
// user has no right to be urgent, the shell is as the others.
void become_urgent(Shell& shell) {
  constexpr int k_most_urgent = -20;
  const auto told = sys::getpriority(abi::k_prio_process, 0);
  if (told) shell.niceness = static_cast<int>(20 - *told);  // so that the answer isn't negative
  (void)sys::setpriority(abi::k_prio_process, 0, k_most_urgent);
}

// A shell at a terminal ignores the keys that end or stop programs, and owns the terminal.
void become_interactive(Shell& shell) {
  shell.options.is_interactive = true;
  become_urgent(shell);
  for (const int signal : {abi::k_sigquit, abi::k_sigterm}) (void)sys::ignore_signal(signal);
  Traps::watch_interrupts();
  if (Terminal::take(0, shell.pid)) {
    for (const int signal : {abi::k_sigtstp, abi::k_sigttin, abi::k_sigttou})
      (void)sys::ignore_signal(signal);
    shell.options.job_control = true;
  }
  if (const auto home = shell.variables.get("HOME")) {
    (void)run_file(shell, join_path(*home, ".shrc").c_str());
  }
}

}  // namespace
}  // namespace sh

int sh_main(Arguments arguments) {
  sh::Shell shell;
  shell.pid = sys::getpid().value_or(0);
  (void)sys::rt_sigprocmask(abi::k_sig_block, nullptr, &shell.signal_mask);
  sh::take_environment(shell);
  bool has_commands = false;
  bool is_interactive = false;
  size_t at = 1;
  for (; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    if (word.size() < 2 || (word[0] != '-' && word[0] != '+')) break;
    for (const char letter : word.substr(1)) {
      const String option = String(word.substr(0, 1)) + std::string_view(&letter, 1);
      if (letter == 'c') {
        has_commands = true;
      } else if (letter == 'i') {
        is_interactive = true;
      } else if (letter != 's' && letter != 'l') {
        const String words[] = {"set", option};
        if (sh::builtin_set(shell, words) != 0) return 2;
      }
    }
  }
  const char* script = nullptr;
  if (at < arguments.size()) script = arguments[at++];
  if (script != nullptr && !has_commands) shell.name = script;
  if (has_commands && at < arguments.size()) shell.name = arguments[at++];
  for (; at < arguments.size(); ++at) shell.arguments.push_back(arguments[at]);

  if (has_commands) {
    (void)sh::run_text(shell, script != nullptr ? script : "");
  } else if (script != nullptr) {
    if (!sh::run_file(shell, script)) {
      print_error("sh: {}: cannot be read\n", script);
      return 127;
    }
  } else if (is_interactive || is_terminal(0)) {
    sh::become_interactive(shell);
    sh::run_terminal(shell);
  } else {
    sh::run_descriptor(shell, 0);
  }
  sh::run_exit_trap(shell);
  return shell.status;
}

}  // namespace weft
