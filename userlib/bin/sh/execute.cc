#include "userlib/bin/sh/execute.hh"

#include <utility>

#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/sh/expand.hh"
#include "userlib/bin/sh/pattern.hh"
#include "userlib/bin/sh/pipeline.hh"
#include "userlib/bin/sh/redirect.hh"
#include "userlib/bin/sh/simple.hh"

namespace weft::sh {
namespace {

using Kind = Command::Kind;

// A condition: a failure in it is an answer, and not what `set -e` means.
int run_tested(Shell& shell, const Command& command) {
  ++shell.tested_depth;
  const int status = run(shell, command);
  --shell.tested_depth;
  return status;
}

int run_sequence(Shell& shell, const Command& command, bool is_last) {
  int status = 0;
  for (const Ref<Command>& part : command.parts) {
    status = run(shell, *part, is_last && &part == &command.parts.back());
    if (shell.leaving != Leaving::no) break;
  }
  return status;
}

int run_branch(Shell& shell, const Command& command, bool is_last) {
  size_t at = 0;
  for (; at + 1 < command.parts.size(); at += 2) {
    const int condition = run_tested(shell, *command.parts[at]);
    if (shell.leaving != Leaving::no) return condition;
    if (condition == 0) return run(shell, *command.parts[at + 1], is_last);
  }
  return at < command.parts.size() ? run(shell, *command.parts[at], is_last) : 0;
}

// After a loop's body: whether the loop goes on.
bool goes_on(Shell& shell) {
  if (shell.leaving == Leaving::no) return true;
  if (shell.leaving != Leaving::loop && shell.leaving != Leaving::iteration) return false;
  if (shell.loops_to_leave > 1) {
    --shell.loops_to_leave;
    return false;
  }
  const bool is_next = shell.leaving == Leaving::iteration;
  shell.leaving = Leaving::no;
  return is_next;
}

int run_loop(Shell& shell, const Command& command) {
  int status = 0;
  ++shell.loop_depth;
  for (;;) {
    const int condition = run_tested(shell, *command.parts[0]);
    if (shell.leaving != Leaving::no) {
      if (goes_on(shell)) continue;
      break;
    }
    if ((condition == 0) == command.is_until) break;
    status = run(shell, *command.parts[1]);
    if (!goes_on(shell)) break;
  }
  --shell.loop_depth;
  return status;
}

int run_each(Shell& shell, const Command& command) {
  Vector<String> values = shell.arguments;
  if (!command.over_arguments) {
    auto words = expand_words(shell, command.words);
    if (!words) return shell.status;
    values = std::move(*words);
  }
  int status = 0;
  ++shell.loop_depth;
  for (const String& value : values) {
    if (!shell.variables.set(command.name, value)) {
      print_error("{}: {}: is read-only\n", shell.name.view(), command.name.view());
      shell.give_up(2);
      break;
    }
    status = run(shell, *command.parts[0]);
    if (!goes_on(shell)) break;
  }
  --shell.loop_depth;
  return status;
}

int run_choose(Shell& shell, const Command& command, bool is_last) {
  const auto word = expand_word(shell, command.words[0]);
  if (!word) return shell.status;
  for (const Choice& choice : command.choices) {
    for (const String& text : choice.patterns) {
      const auto pattern = expand_pattern(shell, text);
      if (!pattern) return shell.status;
      if (matches(*pattern, *word)) return choice.body ? run(shell, *choice.body, is_last) : 0;
    }
  }
  return 0;
}

int define_function(Shell& shell, const Command& command) {
  if (Function* old = shell.find_function(command.name)) {
    old->body = command.parts[0];
  } else {
    shell.functions.push_back({command.name, command.parts[0]});
  }
  return 0;
}

// Everything but simple commands, whose redirections belong to the command alone.
int run_kind(Shell& shell, const Command& command, bool is_last) {
  switch (command.kind) {
    case Kind::simple: return run_simple(shell, command, is_last);
    case Kind::pipeline: return run_pipeline(shell, command, is_last);
    case Kind::sequence: return run_sequence(shell, command, is_last);
    case Kind::background: return run_in_background(shell, command);
    case Kind::subshell: return run_in_subshell(shell, command, is_last);
    case Kind::group: return run(shell, *command.parts[0]);
    case Kind::branch: return run_branch(shell, command, is_last);
    case Kind::loop: return run_loop(shell, command);
    case Kind::each: return run_each(shell, command);
    case Kind::choose: return run_choose(shell, command, is_last);
    case Kind::function: return define_function(shell, command);
    case Kind::negated: return run_tested(shell, *command.parts[0]) == 0 ? 1 : 0;
    case Kind::both:
    case Kind::either: {
      const int status = run_tested(shell, *command.parts[0]);
      if (shell.leaving != Leaving::no || (status == 0) == (command.kind == Kind::either))
        return status;
      return run(shell, *command.parts[1], is_last);
    }
  }
  std::unreachable();
}

// `set -e` is about commands, not about what is put together from them.
bool may_fail_fatally(const Command& command) {
  return command.kind == Kind::simple || command.kind == Kind::subshell ||
         (command.kind == Kind::pipeline && command.parts.size() > 1);
}

}  // namespace

int run(Shell& shell, const Command& command, bool is_last) {
  if (shell.options.parse_only && !shell.options.is_interactive) return 0;
  int status = 0;
  if (command.kind == Kind::simple || command.kind == Kind::function ||
      command.redirections.empty()) {
    status = run_kind(shell, command, is_last);
  } else {
    const TemporaryRedirection redirection(shell, command.redirections);
    status = redirection.worked() ? run_kind(shell, command, false) : 1;
  }
  if (shell.leaving == Leaving::no) {
    shell.status = status;
    run_pending_traps(shell);
  }
  if (shell.leaving == Leaving::no && status != 0 && shell.options.exit_on_error &&
      shell.tested_depth == 0 && may_fail_fatally(command)) {
    shell.leaving = Leaving::shell;
  }
  return shell.leaving == Leaving::no ? status : shell.status;
}

int call_function(Shell& shell, const Function& function, const Vector<String>& words) {
  Vector<String> arguments;
  for (size_t i = 1; i < words.size(); ++i) arguments.push_back(words[i]);
  arguments.swap(shell.arguments);
  const unsigned loop_depth = std::exchange(shell.loop_depth, 0);
  const Ref<Command> body = function.body;  // it may define itself anew while it runs
  shell.variables.open_scope();
  ++shell.function_depth;
  int status = run(shell, *body);
  --shell.function_depth;
  shell.variables.close_scope();
  if (shell.leaving == Leaving::function) {
    shell.leaving = Leaving::no;
    status = shell.status;
  }
  shell.loop_depth = loop_depth;
  arguments.swap(shell.arguments);
  return status;
}

}  // namespace weft::sh
