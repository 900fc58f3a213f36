// The end of threads and processes.
#include <utility>

#include "core/mm/user_memory.hh"
#include "core/proc/children.hh"
#include "core/proc/futex.hh"
#include "core/proc/group.hh"
#include "core/proc/out_of_memory.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"
#include "core/proc/stop.hh"
#include "core/proc/terminal.hh"
#include "core/sched/reaper_queue.hh"
#include "core/sched/scheduler.hh"
#include "core/trace/trace.hh"

namespace weft::proc {
namespace {

constinit void (*first_process_ended)(int status) = nullptr;

void leave_user_mode() {
  const bool were_on = hal::irq_save();
  hal::current()->user = nullptr;
  hal::irq_restore(were_on);
}

// ---- Orphans --------------------------------------------------------------------------------------

Process& new_parent_for_children(const Process& process) REQUIRES(tree_lock) {
  Process* parent = process.parent;
  while (parent != first_process && !(parent->is_subreaper && !parent->threads.empty())) {
    parent = parent->parent;
  }
  return *parent;
}

void change_parent(Process& child, Process& parent) REQUIRES(tree_lock) {
  if (child.report != 0) {
    decltype(parent.reports)::remove(child);
    parent.reports.push_back(child);
  }
  set_parent(child, parent);
  child.exit_signal = abi::k_sigchld;
}

// The orphans become another's children; those that have ended, too, so that it waits for them.
void give_away_children(Process& process) REQUIRES(tree_lock) {
  // lab:fork begin 5
  if (process.children.empty() && process.ended.empty()) return;
  Process& parent = new_parent_for_children(process);
  while (Process* const child = process.children.pop_front()) {
    change_parent(*child, parent);
    parent.children.push_back(*child);
    update_anchor_and_tell(*child);
    if (child->parent_end_signal != 0) {
      SignalInfo info{};
      info.signal = child->parent_end_signal;
      info.sender = {.pid = process.pid, .user = 0, .value = {}};
      (void)send_locked(*child, nullptr, info);
    }
  }
  while (Process* const child = process.ended.pop_front()) {
    change_parent(*child, parent);
    parent.ended.push_back(*child);
    report_end(*child);
  }
  // lab:fork stub: static_cast<void>(process);
  // lab:fork stub: panic("not implemented: lab fork, part 5");
  // lab:fork end
}

// The last thread has ended. From the end of this function on the record may be gone.
void become_zombie(Process& process) {
  end_timers(process);
  keep_most_resident(process, *process.memory);
  process.semaphore_undo.apply(process.pid);
  // lab:fork begin 5
  process.change(&Process::files, {});
  process.change(&Process::file_context, {});
  process.change(&Process::program, {});
  process.change(&Process::memory, {});
  note_memory_came_back();
  // lab:fork stub: panic("not implemented: lab fork, part 5");
  // lab:fork end
  if (&process == first_process) first_process_ended(process.status);
  return_borrowed_memory(process);
  leave_terminal(process);
  SpinGuard guard(tree_lock);
  give_away_children(process);
  forget_report(process);
  process.has_ended = true;
  process.last_name.write(hal::current()->name());
  update_anchor_and_tell(process);
  Process& parent = *process.parent;
  decltype(parent.children)::remove(process);
  parent.ended.push_back(process);
  process.end_source.notify(abi::k_pollin | abi::k_pollrdnorm);
  report_end(process);
}

// ---- Threads --------------------------------------------------------------------------------------

// True if it was the last.
bool remove_thread(UserThread& self, int status) {
  Process& process = self.process;
  int stopped_by = 0;
  bool is_last = false;
  SpinGuard tree_guard(tree_lock);
  keep_usage(self);
  pids.find(self.tid)->thread = nullptr;
  pids.count_use(-1);
  {
    SpinGuard guard(process.signal_lock);
    decltype(process.threads)::remove(self);
    self.pending.clear();
    is_last = process.threads.empty();
    if (!process.is_ending.load(relaxed)) process.status = status;
    process.thread_count.fetch_sub(
        1, release);  // with what it did to the files (syscall/descriptors.hh)
    if (is_last) {
      process.pending.clear();
    } else {
      leave_to_others(self, ~SignalSet{0});
      if (have_all_stopped(process)) stopped_by = process.stop_signal;
    }
  }
  if (stopped_by != 0) report_stop(process, stopped_by);
  if (process.only_thread != nullptr) process.child_changed.wake_all();
  return is_last;
}

}  // namespace

void when_first_process_ends(void (*then)(int status)) { first_process_ended = then; }

void end_thread(int status) {
  UserThread& self = current_thread();
  Process& process = self.process;
  release_robust_list(self);
  if (self.clear_child_tid != 0 && process.thread_count.load(relaxed) > 1) {
    const uint32_t zero = 0;
    if (mm::copy_to_user(self.clear_child_tid, &zero, sizeof zero).has_value()) {
      (void)futex_wake(process, {self.clear_child_tid, true}, 1, k_any_bit);
    }
  }
  trace::record(trace::Kind::exits, static_cast<uint64_t>(status));
  sched::set_account(self.thread, nullptr);
  sched::announce_departure();
  leave_user_mode();
  const bool is_last = remove_thread(self, status);
  wake_futex_heirs(self);
  if (is_last) become_zombie(process);
  sched::exit_current();
}

void end_process(int status) {
  Process& process = current_thread().process;
  {
    SpinGuard guard(process.signal_lock);
    begin_end(process, status);
  }
  end_thread(status);
}

Result<> end_other_threads(UserThread& self) {
  Process& process = self.process;
  SpinGuard tree_guard(tree_lock);
  {
    SpinGuard guard(process.signal_lock);
    if (process.is_ending.load(relaxed) || process.only_thread != nullptr) {
      return fail(Errno::again);
    }
    process.only_thread = &self;
    go_on(process);
    for (UserThread& thread : process.threads) {
      if (&thread != &self) alert(thread);
    }
  }
  while (process.thread_count.load(relaxed) > 1) {
    Waiter waiter(BlockReason::waiting, &process);
    process.child_changed.prepare(waiter);
    process.child_changed.block(waiter);
  }
  if (self.tid != process.pid) {
    pids.find(self.tid)->thread = nullptr;
    self.tid = process.pid;
    pids.find(self.tid)->thread = &self;
  }
  SpinGuard guard(process.signal_lock);
  process.only_thread = nullptr;
  update_alert(self);
  return {};
}

void return_borrowed_memory(Process& process) {
  SpinGuard guard(tree_lock);
  Process* const lender = process.lender;
  if (lender == nullptr) return;
  process.lender = nullptr;
  lender->child_changed.wake_all();
}

}  // namespace weft::proc
