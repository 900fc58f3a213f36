#include "core/proc/terminal.hh"

#include "core/ipc/process_hooks.hh"
#include "core/ipc/terminal.hh"
#include "core/proc/group.hh"
#include "core/proc/signal_actions.hh"

namespace weft::proc {
namespace {

ipc::Caller view(const Process& process) {
  SpinGuard guard(tree_lock);
  return {.process = process.pid,
          .group = process.group->id,
          .session = process.group->session->id,
          .terminal = process.terminal,
          .tenure = process.terminal_tenure};
}

void set_terminal(ipc::Terminal* terminal, uint32_t tenure) {
  SpinGuard guard(tree_lock);
  Process& self = current_thread().process;
  self.terminal = terminal;
  self.terminal_tenure = tenure;
}

bool is_deaf_to(int signal) {
  const UserThread& self = current_thread();
  return contains(self.blocked | self.process.actions->ignored(), signal);
}

bool is_orphaned() {
  SpinGuard guard(tree_lock);
  return current_thread().process.group->is_orphaned();
}

Result<int32_t> session_of_group(int32_t group) {
  SpinGuard guard(tree_lock);
  const Group* const found = find_group(group);
  if (found == nullptr) return fail(Errno::srch);
  return found->session->id;
}

abi::SocketCredentials credentials() {
  if (hal::current()->user == nullptr) return {};  // what it had goes away
  const Process& self = current_thread().process;
  return {self.pid, self.identity.user.effective, self.identity.group.effective};
}

}  // namespace

void fill_ipc_hooks() {
  ipc::process_hooks = {
      .signal_self =
          [](int signal) {
            (void)send_to_thread(current_thread(), info_from_user(signal, abi::k_si_user));
          },
      .signal_group = [](int32_t group,
                         int signal) { (void)send_to_group(group, info_from_kernel(signal)); },
      .credentials = credentials,
      .file_context = [] { return current_thread().process.file_context; },
      .caller = [] { return view(current_thread().process); },
      .set_terminal = set_terminal,
      .is_deaf_to = is_deaf_to,
      .is_orphaned = is_orphaned,
      .session_of_group = session_of_group,
  };
}

void leave_terminal(const Process& process) {
  const ipc::Caller caller = view(process);
  if (caller.terminal != nullptr && caller.leads_session()) caller.terminal->leader_ended(caller);
}

}  // namespace weft::proc
