#include "core/proc/group.hh"

#include "core/mm/object_cache.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"
#include "core/proc/stop.hh"

namespace weft::proc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<Group> group_cache("process group");
[[clang::no_destroy]] constinit mm::ObjectCache<Session> session_cache("session");

// Memory for a group that may be needed. Made before tree_lock is taken.
class NewGroup {
 public:
  NewGroup() = default;
  NewGroup(const NewGroup&) = delete;
  NewGroup& operator=(const NewGroup&) = delete;
  ~NewGroup() {
    if (group != nullptr) group_cache.destroy(group);
    if (session != nullptr) session_cache.destroy(session);
  }
  Result<> make(bool with_session) {
    group = TRY(group_cache.make());
    if (with_session) session = TRY(session_cache.make());
    return {};
  }

  Group* group = nullptr;
  Session* session = nullptr;
};

void enter(Process& process, Group& group) REQUIRES(tree_lock) {
  process.group = &group;
  group.members.push_back(process);
}

Group& found_group(NewGroup& made, int32_t id, Session& session) REQUIRES(tree_lock) {
  Group& group = *std::exchange(made.group, nullptr);
  group.id = id;
  group.session = &session;
  ++session.groups;
  pids.find(id)->group = &group;
  return group;
}

Session& found_session(NewGroup& made, int32_t id) REQUIRES(tree_lock) {
  Session& session = *std::exchange(made.session, nullptr);
  session.id = id;
  pids.find(id)->session = &session;
  return session;
}

void set_anchor(Process& process, bool is_anchor) REQUIRES(tree_lock) {
  if (process.is_anchor == is_anchor) return;
  process.is_anchor = is_anchor;
  process.group->anchors += is_anchor ? 1 : -1;
}

// Its children's groups see the change, too.
void move_to(Process& process, Group& group) REQUIRES(tree_lock) {
  set_anchor(process, false);
  leave_group(process);
  enter(process, group);
  update_anchor(process);
  for (Process& child : process.children) update_anchor(child);
}

bool has_stopped_member(Group& group) REQUIRES(tree_lock) {
  for (Process& member : group.members) {
    if (is_stopped(member)) return true;
  }
  return false;
}

Process* process_or_self(Process& self, int32_t pid) REQUIRES(tree_lock) {
  return pid == 0 ? &self : find_process(pid);
}

}  // namespace

Result<> make_first_group(Process& process) {
  NewGroup made;
  TRY(made.make(true));
  SpinGuard guard(tree_lock);
  enter(process, found_group(made, process.pid, found_session(made, process.pid)));
  return {};
}

Group* find_group(int32_t id) {
  const PidEntry* const entry = pids.find(id);
  return entry == nullptr ? nullptr : entry->group;
}

void join_parents_group(Process& child) { enter(child, *child.parent->group); }

void leave_group(Process& process) {
  DEBUG_ASSERT(!process.is_anchor, "who leaves a group holds it no longer");
  Group& group = *process.group;
  decltype(group.members)::remove(process);
  process.group = nullptr;
  if (!group.members.empty()) return;
  Session& session = *group.session;
  pids.find(group.id)->group = nullptr;
  group_cache.destroy(&group);
  if (--session.groups > 0) return;
  pids.find(session.id)->session = nullptr;
  session_cache.destroy(&session);
}

void update_anchor(Process& process) {
  const Process* const parent = process.parent;
  set_anchor(process, !process.has_ended && parent != nullptr && parent->group != process.group &&
                          parent->group->session == process.group->session);
}

void update_anchor_and_tell(Process& process) {
  if (!process.is_anchor) return update_anchor(process);
  Group& group = *process.group;
  update_anchor(process);
  if (!group.is_orphaned() || !has_stopped_member(group)) return;
  send_to_members(group, info_from_kernel(abi::k_sighup));
  send_to_members(group, info_from_kernel(abi::k_sigcont));
}

Result<> set_group(Process& self, int32_t pid, int32_t wanted) {
  if (wanted < 0) return fail(Errno::inval);
  NewGroup made;
  TRY(made.make(false));
  SpinGuard guard(tree_lock);
  Process* const process = process_or_self(self, pid);
  if (process == nullptr) return fail(Errno::srch);
  if (process->parent == &self) {
    if (process->group->session != self.group->session) return fail(Errno::perm);
    if (process->has_executed) return fail(Errno::acces);
  } else if (process != &self) {
    return fail(Errno::srch);
  }
  if (process->group->session->id == process->pid) return fail(Errno::perm);
  const int32_t id = wanted == 0 ? process->pid : wanted;
  if (id == process->group->id) return {};
  Group* group = find_group(id);
  if (group == nullptr && id != process->pid) return fail(Errno::perm);
  if (group != nullptr && group->session != self.group->session) return fail(Errno::perm);
  if (group == nullptr) group = &found_group(made, id, *process->group->session);
  move_to(*process, *group);
  return {};
}

Result<int32_t> start_session(Process& self) {
  NewGroup made;
  TRY(made.make(true));
  SpinGuard guard(tree_lock);
  if (pids.find(self.pid)->group != nullptr) return fail(Errno::perm);
  move_to(self, found_group(made, self.pid, found_session(made, self.pid)));
  self.terminal = nullptr;
  return self.pid;
}

Result<int32_t> group_of(Process& self, int32_t pid) {
  SpinGuard guard(tree_lock);
  const Process* const process = process_or_self(self, pid);
  if (process == nullptr) return fail(Errno::srch);
  return process->group->id;
}

Result<int32_t> session_of(Process& self, int32_t pid) {
  SpinGuard guard(tree_lock);
  const Process* const process = process_or_self(self, pid);
  if (process == nullptr) return fail(Errno::srch);
  return process->group->session->id;
}

}  // namespace weft::proc
