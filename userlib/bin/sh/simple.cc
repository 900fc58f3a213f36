#include "userlib/bin/sh/simple.hh"

#include "userlib/base/print.hh"
#include "userlib/bin/sh/builtins.hh"
#include "userlib/bin/sh/execute.hh"
#include "userlib/bin/sh/expand.hh"
#include "userlib/bin/sh/launch.hh"
#include "userlib/bin/sh/pipeline.hh"
#include "userlib/bin/sh/redirect.hh"
#include "userlib/bin/sh/scan.hh"

namespace weft::sh {
namespace {

// NAME=word. False, after a message, if it cannot be done.
bool assign(Shell& shell, std::string_view assignment, bool exports) {
  const size_t length = name_length(assignment, 0);
  const std::string_view name = assignment.substr(0, length);
  const auto value = expand_word(shell, assignment);  // with the name, so that ~ behind = is seen
  if (!value) return false;
  if (!shell.variables.set(name, value->substr(length + 1))) {
    print_error("{}: {}: is read-only\n", shell.name.view(), name);
    shell.give_up(2);
    return false;
  }
  if (exports) shell.variables.mark(name).is_exported = true;
  return true;
}

bool assign_all(Shell& shell, const Command& command, bool exports) {
  for (const String& assignment : command.assignments) {
    if (!assign(shell, assignment, exports)) return false;
  }
  return true;
}

void trace(const Shell& shell, const Command& command, const Vector<String>& words) {
  if (!shell.options.trace) return;
  String line = shell.variables.get("PS4").value_or("+ ");
  for (const String& assignment : command.assignments) line = line + assignment + " ";
  for (const String& word : words) line = line + word + " ";
  if (line.ends_with(" ")) line.pop_back();
  print_error("{}\n", line.view());
}

// No command at all: only assignments, and redirections that create files.
int run_assignments(Shell& shell, const Command& command) {
  shell.status = 0;  // unless a substitution leaves another
  const TemporaryRedirection redirection(shell, command.redirections);
  if (!redirection.worked()) return 1;
  if (!assign_all(shell, command, false)) return shell.status;
  trace(shell, command, {});
  return shell.status;
}

int run_builtin(Shell& shell, const Builtin& builtin, const Command& command,
                const Vector<String>& words) {
  // An assignment in front of a builtin holds while it runs, of a special one for ever.
  const bool has_scope = !builtin.is_special && !command.assignments.empty();
  if (has_scope) {
    shell.variables.open_scope();
    for (const String& assignment : command.assignments) {
      shell.variables.keep(assignment.substr(0, name_length(assignment, 0)));
    }
  }
  int status = 1;
  {
    TemporaryRedirection redirection(shell, command.redirections);
    if (redirection.worked() && assign_all(shell, command, has_scope)) {
      trace(shell, command, words);
      status = builtin.run(shell, {words.data(), words.size()});
      if (builtin.name == "exec" && words.size() == 1) redirection.keep();
    } else if (builtin.is_special && shell.leaving == Leaving::no) {
      shell.give_up(2);
    }
    out.flush();
  }
  if (has_scope) shell.variables.close_scope();
  return shell.leaving == Leaving::no ? status : shell.status;
}

int run_function(Shell& shell, const Function& function, const Command& command,
                 const Vector<String>& words) {
  const TemporaryRedirection redirection(shell, command.redirections);
  if (!redirection.worked()) return 1;
  shell.variables.open_scope();
  for (const String& assignment : command.assignments) {
    shell.variables.keep(assignment.substr(0, name_length(assignment, 0)));
  }
  int status = shell.status;
  if (assign_all(shell, command, true)) {
    trace(shell, command, words);
    status = call_function(shell, function, words);
  }
  shell.variables.close_scope();
  return status;
}

// In a process of its own: becomes the program.
[[noreturn]] void become_program(Shell& shell, const Command& command,
                                 const Vector<String>& words) {
  shell.status = 1;
  if (redirect(shell, command.redirections) && assign_all(shell, command, true)) {
    trace(shell, command, words);
    shell.status = execute(shell, words);
  }
  leave_subshell(shell);
}

}  // namespace

int run_simple(Shell& shell, const Command& command, bool is_last) {
  if (command.words.empty()) return run_assignments(shell, command);
  const int before = shell.status;
  const auto words = expand_words(shell, command.words);
  if (!words) return shell.status;
  if (words->empty()) {
    if (shell.status == before) shell.status = 0;
    return run_assignments(shell, command);
  }
  const Builtin* builtin = find_builtin((*words)[0]);
  if (builtin != nullptr && builtin->is_special)
    return run_builtin(shell, *builtin, command, *words);
  if (const Function* function = shell.find_function((*words)[0])) {
    return run_function(shell, *function, command, *words);
  }
  if (builtin != nullptr) return run_builtin(shell, *builtin, command, *words);
  if (is_last && !shell.traps.get(Traps::k_at_exit)) become_program(shell, command, *words);
  return run_child(shell, command.source.empty() ? (*words)[0] : command.source,
                   [&] { become_program(shell, command, *words); });
}

}  // namespace weft::sh
