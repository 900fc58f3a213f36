// Whole processes in a scenario: they fork, end and wait by the calls of core/proc. What a program would
// do in user mode are functions of the scenario's.
//
//   const Program child{.run = [] { proc::end_process(3); }};
//   const Program parent{.set_up = [&] { fork_child("child", child); },
//                        .run = [] { check(wait_for_any().has_value(), "..."); }};
//   begin_family(parent);
//   stage.run();
#pragma once

#include <functional>

#include "core/proc/children.hh"
#include "core/proc/process.hh"
#include "explore/scenario.hh"

namespace weft::explore {

// It stays alive as long as its thread.
struct Program {
  std::function<void()> set_up = [] {};  // before the scenario begins, without choices
  std::function<void()> run;             // when it returns, the thread ends
};

// Process 1, whose thread is called "init". The scenario is not over before that has run.
void begin_family(const Program& program);

// For a process's thread: a child that runs the program. Its number, or why there is none.
Result<int32_t> fork_child(const char* name, const Program& program,
                           const proc::CloneRequest& request = {});
// The same for one more thread of the process.
Result<int32_t> fork_thread(const char* name, const Program& program);

// As waitpid(-1, ...).
Result<proc::ChildNews> wait_for_any(bool may_block = true);

}  // namespace weft::explore
