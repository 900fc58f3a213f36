// Process groups and sessions: what a shell makes of its jobs. A group's number is that of the process
// that made it, a session's too; the number stays taken while the group or session has members.
//
// A group is orphaned when no member has a parent in another group of the same session: then nobody is
// there who could continue it once it is stopped. Each group counts such members (anchors), so that the
// question costs one look, however large it is.
#pragma once

#include "core/base/list.hh"
#include "core/base/result.hh"
#include "core/proc/process.hh"

namespace weft::proc {

// Guarded by tree_lock, like all of this.
struct Session {
  int32_t id = 0;
  uint32_t groups = 0;
};

struct Group {
  bool is_orphaned() const { return anchors == 0; }

  int32_t id = 0;
  Session* session = nullptr;
  uint32_t anchors = 0;
  List<Process, &Process::group_hook> members;  // until they are waited for
};

// nullptr if there is none.
Group* find_group(int32_t id) REQUIRES(tree_lock);

// Makes the first process's own session and group. Errno::nomem.
Result<> make_first_group(Process& process);
// The child belongs to its parent's group. Its `parent` is set.
void join_parents_group(Process& child) REQUIRES(tree_lock);
// The process is gone for good.
void leave_group(Process& process) REQUIRES(tree_lock);
// The process's parent has changed, or it has ended; its own children's groups are looked at by
// whoever changes their parents.
void update_anchor(Process& process) REQUIRES(tree_lock);
// The same; if its group is orphaned by that and has stopped members, they hear of it: SIGHUP, then
// SIGCONT.
void update_anchor_and_tell(Process& process) REQUIRES(tree_lock);

// As setpgid(), setsid(), getpgid() and getsid(), with their errors. pid 0: the running process.
Result<> set_group(Process& self, int32_t pid, int32_t group);
Result<int32_t> start_session(Process& self);
Result<int32_t> group_of(Process& self, int32_t pid);
Result<int32_t> session_of(Process& self, int32_t pid);

}  // namespace weft::proc
