#include "core/proc/process.hh"

#include <algorithm>

#include "core/mm/memory.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/user_memory.hh"
#include "core/proc/file_hooks.hh"
#include "core/proc/group.hh"
#include "core/proc/load.hh"
#include "core/proc/out_of_memory.hh"
#include "core/proc/process_file.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/send.hh"
#include "core/proc/terminal.hh"
#include "core/sched/reaper_queue.hh"
#include "core/sched/scheduler.hh"
#include "core/trace/trace.hh"

namespace weft::proc {

[[clang::no_destroy]] constinit SpinLock tree_lock{Rank::process_tree};
[[clang::no_destroy]] constinit PidTable pids;
constinit Process* first_process = nullptr;

namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<Process> process_cache("process");

// Gives the process and its first thread their number.
Result<int32_t> number(Process& process, UserThread& thread) REQUIRES(tree_lock) {
  const int32_t pid = TRY(pids.choose());
  process.pid = pid;
  pids.find(pid)->process = &process;
  add_thread(process, thread, pid);
  return pid;
}

// Gives the child its place in the tree. Errno::intr if a signal has come: one to the whole group
// would miss the child, so the parent is to handle it first.
Result<int32_t> enter_tree(Process& child, UserThread& thread, Process& parent, UserThread& maker) {
  SpinGuard guard(tree_lock);
  if ((maker.work.load(acquire) & hal::k_work_signals) != 0) return fail(Errno::intr);
  const int32_t pid = TRY(number(child, thread));
  set_parent(child, parent);
  parent.children.push_back(child);
  join_parents_group(child);
  return pid;
}

// Its user has as many threads as RLIMIT_NPROC lets him; the superuser may have any number. Who has ended
// and is not yet waited for counts.
bool has_reached_limit(const Process& maker) REQUIRES(tree_lock) {
  const Ids& user = maker.identity.user;
  if (user.real == 0 || user.effective == 0) return false;
  uint64_t count = 0;
  for (const Process* each = next_process(0); each != nullptr; each = next_process(each->pid)) {
    if (each->identity.user.real == user.real) {
      count += std::max(each->thread_count.load(relaxed), 1u);
    }
  }
  return count >= maker.limits.soft(abi::k_rlimit_nproc);
}

// Before anything is copied for a process or thread that can't begin.
Result<> check_room_for_another(const Process& maker) {
  {
    SpinGuard guard(tree_lock);
    if (!pids.has_room() || has_reached_limit(maker)) return fail(Errno::again);
  }
  return has_memory_for_another() ? Result<>{} : fail(Errno::nomem);
}

// The new thread begins as a copy of the caller.
void set_start(UserThread& thread, const UserThread& self, const Registers& registers,
               const CloneRequest& request) {
  thread.start_registers = registers;
  thread.start_registers.rax = 0;
  if (request.stack != 0) thread.start_registers.rsp = request.stack;
  hal::copy_user_state(thread);
  if (request.tls != nullptr) thread.fs_base = *request.tls;
  thread.clear_child_tid = request.clear_child_tid;
  thread.set_child_tid = request.child_tid;
  thread.blocked = self.blocked;
  if (!request.shares_memory || request.parent_waits) thread.other_stack = self.other_stack;
}

// Signals wait until the child gives the memory back; only the end of the process does not.
void wait_for_memory(UserThread& self, Process& child) {
  Process& process = self.process;
  {
    SpinGuard guard(tree_lock);
    while (child.lender != nullptr && !process.is_ending.load(acquire)) {
      Waiter waiter(BlockReason::waiting, &child);
      waiter.set_ender(Ender::number(static_cast<uint32_t>(child.pid)));
      process.child_changed.prepare(waiter);
      process.child_changed.block(waiter, {.deadline = k_never, .interruptible = true});
    }
    child.lender = nullptr;
  }
  (void)has_signal(self);
}

// The child's descriptor, if one is wanted.
Result<> give_process_file(Process& parent, Process& child, VirtAddr place) {
  const int32_t fd = TRY(add_process_file(parent, child, 0));
  const auto stored = mm::copy_to_user(place, &fd, sizeof fd);
  if (!stored.has_value()) (void)parent.files->close(fd);
  return stored;
}

Result<Ref<Process>> copy_process(Process& parent, const CloneRequest& request) {
  Ref<Process> child = Ref<Process>::adopt(TRY(process_cache.make()));
  child->memory = request.shares_memory ? parent.memory : TRY(parent.memory->fork());
  child->files = request.shares_files ? parent.files : TRY(parent.files->copy());
  child->file_context =
      request.shares_file_context ? parent.file_context : TRY(parent.file_context->copy());
  child->program = parent.program;
  child->actions = request.shares_actions ? parent.actions : TRY(parent.actions->copy());
  child->limits.copy_from(parent.limits);
  child->identity = parent.identity;
  child->terminal = parent.terminal;
  child->terminal_tenure = parent.terminal_tenure;
  child->may_dump = parent.may_dump;
  child->exit_signal = request.exit_signal;
  child->lender = request.parent_waits ? &parent : nullptr;
  return child;
}

}  // namespace

void set_parent(Process& process, Process& parent) {
  process.parent = &parent;
  process.parent_pid.store(parent.pid, relaxed);
}

void Process::last_reference_gone(Process& process) { process_cache.destroy(&process); }

void add_thread(Process& process, UserThread& thread, int32_t tid) {
  thread.tid = tid;
  pids.find(tid)->thread = &thread;
  pids.count_use(1);
  SpinGuard guard(process.signal_lock);
  process.threads.push_back(thread);
  process.thread_count.fetch_add(1, relaxed);
}

Process* find_process(int32_t pid) {
  const PidEntry* const entry = pids.find(pid);
  return entry == nullptr ? nullptr : entry->process;
}

UserThread* find_thread(int32_t tid) {
  const PidEntry* const entry = pids.find(tid);
  return entry == nullptr ? nullptr : entry->thread;
}

uint64_t tasks_begun() { return pids.given_out(); }

// A process that was waited for may still have its thread's stack, for a moment.
mm::FrameStats settled_memory() {
  sched::wait_for_departures();
  {
    SpinGuard guard(tree_lock);
    pids.trim();
  }
  mm::trim();
  return mm::page_frames.stats();
}

Process* next_process(int32_t pid) {
  for (pid = pids.next(pid); pid < PidTable::k_limit; pid = pids.next(pid)) {
    if (Process* const process = pids.find(pid)->process) return process;
  }
  return nullptr;
}

int32_t user_thread_count() { return pids.used(); }

Result<UserThread*> make_first_process(void (*run)(void*)) {
  Process* const process = TRY(process_cache.make());
  process->memory = TRY(mm::AddressSpace::make());
  process->files = TRY(fs::DescriptorTable::make());
  process->file_context = TRY(fs::FileContext::make());
  process->actions = TRY(SignalActions::make());
  UserThread* const thread = TRY(make_user_thread(*process, "init"));
  hal::reset_user_state(*thread);
  thread->thread.entry = run;
  {
    SpinGuard guard(tree_lock);
    TRY(number(*process, *thread));
  }
  TRY(make_first_group(*process));
  first_process = process;
  connect_files();
  fill_ipc_hooks();
  start_ticks();
  start_load_averages();
  return thread;
}

Result<int32_t> fork(UserThread& self, const Registers& registers, const CloneRequest& request) {
  TRY(check_room_for_another(self.process));
  Process& maker = self.process;
  // The tree has a reference of its own: the one the record began with. It ends when the process is
  // buried.
  Ref<Process> child = TRY(copy_process(maker, request));
  UserThread* const thread = TRY(make_user_thread(*child, self.thread.name()));
  set_start(*thread, self, registers, request);
  if (request.pidfd != 0) {
    if (const auto given = give_process_file(maker, *child, request.pidfd); !given.has_value()) {
      discard_user_thread(*thread);
      return fail(given.error());
    }
  }
  const auto pid = enter_tree(*child, *thread, request.is_sibling ? *maker.parent : maker, self);
  if (!pid.has_value()) {
    discard_user_thread(*thread);
    return fail(pid.error());
  }
  if (request.parent_tid != 0) (void)mm::copy_to_user(request.parent_tid, &*pid, sizeof *pid);
  trace::record(trace::Kind::forks, static_cast<uint64_t>(*pid));
  const Ref<Process> kept = child;
  (void)child.release();
  start_user_thread(*thread);
  if (request.parent_waits) wait_for_memory(self, *kept);
  return *pid;
}

Result<int32_t> start_thread(UserThread& self, const Registers& registers,
                             const CloneRequest& request) {
  TRY(check_room_for_another(self.process));
  Process& process = self.process;
  UserThread* const thread = TRY(make_user_thread(process, self.thread.name()));
  set_start(*thread, self, registers, request);
  Result<int32_t> tid;
  {
    SpinGuard guard(tree_lock);
    // Who ends all threads, or all others, must not miss this one.
    const bool may_start = (self.work.load(acquire) & hal::k_work_signals) == 0;
    tid = may_start ? pids.choose() : fail(Errno::intr);
    if (tid.has_value()) add_thread(process, *thread, *tid);
  }
  if (!tid.has_value()) {
    discard_user_thread(*thread);
    return tid;
  }
  if (request.parent_tid != 0) (void)mm::copy_to_user(request.parent_tid, &*tid, sizeof *tid);
  start_user_thread(*thread);
  return tid;
}

}  // namespace weft::proc
