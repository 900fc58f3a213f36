#include "explore/scenarios/proc/family.hh"

#include "core/proc/process_tree.hh"
#include "core/sync/irq_guard.hh"
#include "explore/engine/calls.hh"
#include "explore/machine/threads.hh"
#include "unit/support/user_mode.hh"

namespace weft::explore {
namespace {

const Program* first_program = nullptr;

void live_first(void*) {
  first_program->set_up();
  wait_at_gate();
  first_program->run();
  finish_body();
  // Others may go on. It doesn't end as a process, since the end of process 1 is that of the machine.
  const IrqGuard irqs_off;
  hal::current()->user = nullptr;
}

// A program's address is where its thread begins in "user mode".
Registers registers_for(const Program& program) {
  Registers registers{};
  registers.rip = reinterpret_cast<uint64_t>(&program);
  return registers;
}

void run_program(Registers& registers) {
  const auto& program = *reinterpret_cast<const Program*>(registers.rip);
  program.set_up();
  wait_at_gate();
  program.run();
  proc::end_thread(0);
}

Result<int32_t> name_thread(const char* name, Result<int32_t> tid) {
  if (!tid.has_value()) return tid;
  SpinGuard guard(proc::tree_lock);
  // In a run it may have ended already.
  if (proc::UserThread* const made = proc::find_thread(*tid)) made->thread.set_name(name);
  return tid;
}

}  // namespace

void begin_family(const Program& program) {
  host::in_user_mode = run_program;
  first_program = &program;
  proc::UserThread* const first = proc::make_first_process(live_first).value();
  add_scenario_thread(first->thread);
  proc::start_user_thread(*first);
  settle();
}

Result<int32_t> fork_child(const char* name, const Program& program,
                           const proc::CloneRequest& request) {
  return name_thread(name, proc::fork(proc::current_thread(), registers_for(program), request));
}

Result<int32_t> fork_thread(const char* name, const Program& program) {
  return name_thread(name, proc::start_thread(proc::current_thread(), registers_for(program), {}));
}

Result<proc::ChildNews> wait_for_any(bool may_block) {
  return wait_for_child(proc::current_thread().process, {.may_block = may_block});
}

}  // namespace weft::explore
