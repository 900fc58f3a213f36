#include "core/proc/file_hooks.hh"

#include "core/fs/process_hooks.hh"
#include "core/ipc/process_hooks.hh"
#include "core/proc/group.hh"
#include "core/proc/process_tree.hh"

namespace weft::proc {
namespace {

void signal_self(int signal) {
  (void)send_to_thread(current_thread(), info_from_user(signal, abi::k_si_user));
}

void signal_group(int32_t group, int signal) {
  (void)send_to_group(group, info_from_kernel(signal));
}

ipc::Caller caller() {
  const Process& self = current_thread().process;
  SpinGuard guard(tree_lock);
  const Session& session = *self.group->session;
  return {.process = self.pid,
          .group = self.group->id,
          .session = session.id,
          .terminal = self.has_left_terminal ? nullptr : session.terminal};
}

void set_terminal(ipc::Terminal* terminal) {
  Process& self = current_thread().process;
  SpinGuard guard(tree_lock);
  self.has_left_terminal = terminal == nullptr;
  if (terminal != nullptr) self.group->session->terminal = terminal;
}

void forget_terminal(int32_t session) {
  SpinGuard guard(tree_lock);
  if (Session* const found = find_session(session)) found->terminal = nullptr;
}

bool is_deaf_to(int signal) {
  UserThread& self = current_thread();
  return contains(self.blocked | self.process.actions->ignored(), signal);
}

bool is_orphaned() {
  SpinGuard guard(tree_lock);
  return current_thread().process.group->is_orphaned();
}

Result<int32_t> session_of_group(int32_t group) {
  SpinGuard guard(tree_lock);
  const PidEntry* const entry = pids.find(group);
  if (entry == nullptr || entry->group == nullptr) return fail(Errno::srch);
  return entry->group->session->id;
}

}  // namespace

void connect_files() {
  fs::process_hooks = {
      .file_size_limit = [] { return current_thread().process.limits.soft(abi::k_rlimit_fsize); },
      .file_size_exceeded = [] { signal_self(abi::k_sigxfsz); },
  };
  ipc::process_hooks = {
      .signal_self = signal_self,
      .signal_group = signal_group,
      .caller = caller,
      .set_terminal = set_terminal,
      .forget_terminal = forget_terminal,
      .is_deaf_to = is_deaf_to,
      .is_orphaned = is_orphaned,
      .session_of_group = session_of_group,
  };
}

}  // namespace weft::proc
