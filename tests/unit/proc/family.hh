// A family of processes for tests: records in the tree, with numbers and groups, whose threads never run.
#pragma once

#include <deque>

#include <gtest/gtest.h>

#include "core/proc/children.hh"
#include "core/proc/group.hh"
#include "core/proc/process_tree.hh"

namespace weft::proc {

class Family {
 public:
  // The first process, with a session and a group of its own.
  Family() {
    Process& process = add();
    first_process = &process;
    EXPECT_TRUE(make_first_group(process).has_value());
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
  ~Family() {
    SpinGuard guard(tree_lock);
    for (Process& process : members_) {
      if (process.group != nullptr) leave(process);
      pids.find(process.pid)->process = nullptr;
      while (process.children.pop_front() != nullptr) continue;
      while (process.ended.pop_front() != nullptr) continue;
      while (process.reports.pop_front() != nullptr) continue;
    }
    first_process = nullptr;
    pids.trim();
  }

  Process& first() { return members_.front(); }
  Process& child_of(Process& parent) {
    Process& child = add();
    SpinGuard guard(tree_lock);
    set_parent(child, parent);
    parent.children.push_back(child);
    join_parents_group(child);
    return child;
  }
  // The last steps of an end (end.cc).
  void end(Process& process, int status) {
    SpinGuard guard(tree_lock);
    forget_report(process);
    process.status = status;
    process.has_ended = true;
    update_anchor_and_tell(process);
    decltype(process.children)::remove(process);
    process.parent->ended.push_back(process);
    process.end_source.notify(abi::k_pollin | abi::k_pollrdnorm);
    report_end(process);
  }
  bool is_pending(Process& process, int signal) {
    SpinGuard guard(process.signal_lock);
    return contains(process.pending.set(), signal);
  }

 private:
  Process& add() {
    Process& process = members_.emplace_back();
    (void)Ref<Process>::share(process).release();  // so that who buries it does not free it
    process.actions = SignalActions::make().value();
    SpinGuard guard(tree_lock);
    process.pid = pids.choose().value();
    pids.find(process.pid)->process = &process;
    return process;
  }
  static void leave(Process& process) REQUIRES(tree_lock) {
    process.has_ended = true;
    update_anchor(process);
    leave_group(process);
  }

  std::deque<Process> members_;
};

}  // namespace weft::proc
